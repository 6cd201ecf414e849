// Looks for words in window.SECTIONS, which _ext/section_search.py writes, and lists the places found.
"use strict";

// Lower case without accents and punctuation; a point between digits stays: "Eq. (3.7)" -> "eq 3.7".
const simple = (text) =>
  text
    .normalize("NFKD")
    .toLowerCase()
    .replace(/(\d)\.(?=\d)/g, "$1\u0001")
    .replace(/[^\p{L}\p{N}\u0001]+/gu, " ")
    .replaceAll("\u0001", ".")
    .trim()
    .replace(/\b(eqs|equations?)\b/g, "eq")
    .replace(/\bfigures?\b/g, "fig");

const SMALL = new Set("a an and are as at by for from how in is of on or the to what with".split(" "));
const stem = (word) => (word.length > 3 ? word.replace(/s$/, "") : word);

function wordsOf(query) {
  const words = simple(query).split(" ").filter(Boolean);
  const strong = words.filter((word) => !SMALL.has(word));
  return strong.length ? strong : words;
}

// How often a word begins in a text; a short word or a number has to be there as a whole.
function count(text, word) {
  const whole = word.length < 4 || /\d/.test(word);
  const end = whole ? "s?(?![\\p{L}\\p{N}.]*[\\p{L}\\p{N}])" : "";
  return (text.match(new RegExp(`(?<![\\p{L}\\p{N}.])${stem(word)}${end}`, "gu")) || []).length;
}

// A name that the query consists of counts most, a title less, the text least. A name that a
// glossary entry gives to several places leads to the first of them, and then to the entry itself.
function score(section, phrase, words) {
  let points = 0;
  for (const [name, rank] of section.simple.names) {
    const parts = name.split(" ");
    const shared = parts.filter((part) => words.some((word) => stem(word) === stem(part))).length;
    if (name === phrase) points = Math.max(points, 120 - 5 * rank);
    else if (shared === parts.length) points = Math.max(points, (80 * shared) / words.length - 5 * rank);
    else if (shared === words.length) points = Math.max(points, 50 - 5 * rank);
  }
  const { title, text } = section.simple;
  if (title === phrase) points += 30;
  if (count(title, phrase)) points += 30;
  if (words.length > 1) points += Math.min(15, 5 * count(text, phrase));
  for (const word of words) points += 8 * count(title, word) + 3 * Math.log1p(count(text, word));
  if (section.url.includes("#term-")) return Math.min(points, 95);
  return section.url.startsWith("chapters/library") ? points / 3 : points; // what explains comes first
}

function find(query) {
  const words = wordsOf(query);
  if (!words.length) return [];
  const phrase = words.join(" ");
  const has = (section) => (word) => count(section.simple.all, word) > 0;
  let found = window.SECTIONS.filter((section) => words.every(has(section)));
  if (!found.length) found = window.SECTIONS.filter((section) => words.some(has(section)));
  return found
    .map((section) => ({ section, points: score(section, phrase, words) }))
    .sort((a, b) => b.points - a.points)
    .map(({ section }) => section);
}

// A piece of the text around the words, together if they stand so anywhere; they are marked.
function snippet(section, words) {
  const marks = new RegExp(`(?<![\\p{L}\\p{N}])(${words.map(stem).join("|").replaceAll(".", "\\.")})[\\p{L}\\p{N}]*`, "giu");
  const phrase = new RegExp(words.map(stem).join("[^\\p{L}\\p{N}]+"), "iu");
  const joined = section.text.search(phrase);
  const first = joined < 0 ? Math.max(0, section.text.search(marks)) : joined;
  const start = first < 90 ? 0 : section.text.lastIndexOf(" ", first - 60) + 1;
  const piece = section.text.slice(start, start + 200).replace(/\s\S*$/, "");
  const line = document.createElement("p");
  let end = 0;
  if (start) line.append("… ");
  for (const match of piece.matchAll(marks)) {
    const mark = document.createElement("mark");
    mark.textContent = match[0];
    line.append(piece.slice(end, match.index), mark);
    end = match.index + match[0].length;
  }
  line.append(piece.slice(end), piece.length ? " …" : "");
  return line;
}

function show(query) {
  const found = find(query), words = wordsOf(query);
  const list = document.getElementById("search-hits");
  list.replaceChildren(
    ...found.slice(0, 30).map((section) => {
      const item = document.createElement("li"), link = document.createElement("a");
      link.href = section.url;
      link.textContent = section.title;
      const where = document.createElement("span");
      where.textContent = section.title === section.page ? "" : ` — ${section.page}`;
      item.append(link, where, snippet(section, words));
      return item;
    }),
  );
  const places = found.length === 1 ? "1 place" : `${found.length} places`;
  const shown = found.length > 30 ? ", the first 30 of them below" : "";
  document.getElementById("search-count").textContent = found.length
    ? `${places} for “${query}”${shown}`
    : `Nothing has “${query}”. Try another word, or the index.`;
}

for (const section of window.SECTIONS) {
  const names = section.names.map(([name, rank]) => [simple(name), rank]);
  const [title, page, text] = [section.title, section.page, section.text].map(simple);
  const all = [title, page, text, ...names.map(([name]) => name)].join(" ; ");
  section.simple = { title, text, names, all };
}
const query = new URLSearchParams(location.search).get("q") ?? "";
const field = document.getElementById("book-search");
field.value = query;
if (query.trim()) show(query.trim());
else field.focus();
