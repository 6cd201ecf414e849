// Translate a number: which English words are still possible after so many German ones. Counting over
// all numbers from 1 to 999. Chapter memory-cells.
import { Figure, choice, range, round, text } from "./figure.js";

const PLACES = 5;
const ENGLISH = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split(" ");
const ENGLISH_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split(" ");
const GERMAN = "ein zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn siebzehn achtzehn neunzehn".split(" ");
const GERMAN_TENS = "zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig".split(" ");
const filled = (words) => [...words, ...new Array(PLACES - words.length).fill("")];

function english(number) {
  const [hundreds, rest, tens, units] = [Math.floor(number / 100), number % 100, Math.floor((number % 100) / 10), number % 10];
  const words = hundreds ? [ENGLISH[hundreds - 1], "hundred"] : [];
  if (rest > 0 && rest < 20) return filled([...words, ENGLISH[rest - 1]]);
  if (tens) words.push(ENGLISH_TENS[tens - 2]);
  return filled(units ? [...words, ENGLISH[units - 1]] : words);
}

// The units come before the tens; a one at the end has a form of its own.
function german(number) {
  const [hundreds, rest, tens, units] = [Math.floor(number / 100), number % 100, Math.floor((number % 100) / 10), number % 10];
  const words = hundreds ? [GERMAN[hundreds - 1], "hundert"] : [];
  if (rest === 1) return filled([...words, "eins"]);
  if (rest > 0 && rest < 20) return filled([...words, GERMAN[rest - 1]]);
  if (units) words.push(GERMAN[units - 1], "und");
  return filled(tens ? [...words, GERMAN_TENS[tens - 2]] : words);
}

const NUMBERS = Array.from({ length: 999 }, (_, k) => ({ german: german(k + 1), english: english(k + 1) }));

// {word: in how many of these numbers it stands at a place}, the most frequent first.
function counted(numbers, place) {
  const counts = {};
  for (const it of numbers) counts[it.english[place]] = (counts[it.english[place]] ?? 0) + 1;
  return Object.entries(counts).sort((a, b) => b[1] - a[1]);
}

// The share of right words at a place, over all numbers, for the best guess after `read` words.
function limit(place, read) {
  const groups = {};
  for (const it of NUMBERS) (groups[it.german.slice(0, read)] ??= []).push(it);
  return Object.values(groups).reduce((sum, group) => sum + counted(group, place)[0][1], 0) / NUMBERS.length;
}

// After how many words a place is due.
const DUE = { aligned: (place) => place + 1, one: (place) => Math.min(place + 2, PLACES), two: (place) => Math.min(place + 3, PLACES), encoder: () => PLACES };

customElements.define("rnn-numbers", class extends Figure {
  static controls = {
    number: range("number", 1, 999, 1, 325, (_, { german }) => german.filter(Boolean).join(" ")),
    read: range("German words read", 0, PLACES, 1, 3, (read, it) => it.german.slice(0, read).join(" ").trim() || "nothing yet"),
    pattern: choice("the network answers", { aligned: "at once (aligned)", one: "a word later", two: "two words later", encoder: "after the last word (encoder-decoder)" }, "aligned"),
  };

  build() {
    this.limits = Object.fromEntries(Object.entries(DUE).map(([name, due]) => [name, Array.from({ length: PLACES }, (_, place) => limit(place, due(place)))]));
    super.build();
  }

  compute({ number, read, pattern }) {
    const { german, english } = NUMBERS[number - 1];
    const places = english.map((word, place) => {
      const due = DUE[pattern](place), known = Math.min(read, due);
      const left = NUMBERS.filter((it) => it.german.every((one, k) => k >= known || one === german[k]));
      const words = counted(left, place);
      return { word, due, words, share: words[0][1] / left.length, all: left.length };
    });
    return { read, pattern, german, english, places, candidates: places.map((it) => it.words.length), shares: places.map((it) => it.share), limits: this.limits[pattern] };
  }

  draw({ read, german, places }) {
    let x = 0, y = 8, chips = "";
    german.forEach((word, k) => {
      const wide = Math.max(word.length * 7.6 + 14, 26);
      if (x + wide > this.width) [x, y] = [0, y + 34];
      chips += `<rect x="${x + 1}" y="${y}" width="${wide - 4}" height="26" rx="5" class="bar ${k < read ? "read" : ""}" ${k < read ? "" : 'stroke-dasharray="3 3"'}/>`;
      chips += text(x + wide / 2 - 1, y + 18, word || "–", `lang="de" text-anchor="middle" class="small ${k < read ? "on-fill" : "quiet"}"`);
      x += wide;
    });
    const top = y + 46, high = 44;
    this.height = top + PLACES * high;
    let names = "", bars = "";
    places.forEach(({ due, words, share, all }, place) => {
      const at = top + place * high, guess = words[0][0] || "(end)";
      const when = read === due ? "due now" : read > due ? "said" : `due after ${due} ${due > 1 ? "words" : "word"}`;
      const open = this.wide ? `${words.length} candidates, best guess ${guess} (${round(100 * share, 0)} %)` : `${words.length}, ${guess} ${round(100 * share, 0)} %`;
      names += text(0, at + 12, `place ${place}, ${when}: ${words.length > 1 ? open : guess}`, `class="small ${read < due ? "quiet" : ""}"`);
      let from = 0;
      words.slice(0, 12).forEach(([word, count], n) => {
        const wide = (count / all) * this.width;
        bars += `<rect x="${from.toFixed(1)}" y="${at + 17}" width="${Math.max(wide - 1, 0.5).toFixed(1)}" height="18" class="bar ${n ? "" : "fill-gate"}"/>`;
        if (wide > 7.5 * (word || "(end)").length + 4) bars += text(from + wide / 2, at + 31, word || "(end)", `text-anchor="middle" class="small ${n ? "" : "on-fill"}"`);
        from += wide;
      });
      if (from < this.width - 1) bars += `<rect x="${from.toFixed(1)}" y="${at + 17}" width="${(this.width - from).toFixed(1)}" height="18" class="bar" stroke-dasharray="2 2"/>`;
    });
    return [chips, names, bars];
  }

  says({ read, places, limits, english }) {
    const due = places.flatMap(({ due }, place) => (due <= read ? [place] : []));
    const open = due.filter((place) => places[place].words.length > 1).sort((a, b) => places[a].share - places[b].share);
    const worst = limits.indexOf(Math.min(...limits));
    const best = `Over all numbers ${limits[worst] > 0.999 ? "every place can be right" : `place ${worst} can be right in ${round(100 * limits[worst], 0)} percent at most`}.`;
    if (!due.length) return `Nothing has to be said yet. ${best}`;
    if (!open.length) return `All that is due is certain: ${due.map((place) => english[place]).filter(Boolean).join(" ") || "nothing more"}. ${best}`;
    const [place] = open, { words, share } = places[place];
    return `Place ${place} had to be said with ${words.length} candidates left; the best guess is right in ${round(100 * share, 0)} percent of the cases. ${best}`;
  }

  table({ places, limits }) {
    return { head: ["place", "right word", "candidates", "best guess", "its share", "limit, all numbers"], rows: places.map(({ word, words, share }, place) => [place, word || "(end)", words.length, words[0][0] || "(end)", round(share, 3), round(limits[place], 3)]) };
  }
});
