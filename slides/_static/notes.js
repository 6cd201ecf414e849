// Speaker notes in a window of their own: the key S. The window is reveal.js' own speaker view, which is
// a page of the site here (speaker.html); reveal.js would write it into an empty window, script and all.
window.SpeakerNotes = () => {
  const spoken = "reveal-notes"; // the name under which the two windows talk
  const changes = ["slidechanged", "fragmentshown", "fragmenthidden", "overviewhidden", "overviewshown", "paused", "resumed"];
  let deck;
  let speaker = null;
  let calling;
  let listens = false;

  const send = (message) => speaker.postMessage(JSON.stringify({ namespace: spoken, ...message }), location.origin);

  function tell() {
    const notes = [...deck.getCurrentSlide().querySelectorAll("aside.notes")].map((it) => it.innerHTML).join("\n");
    send({ type: "state", notes, markdown: false, whitespace: "normal", state: deck.getState() });
  }

  function connected() {
    clearInterval(calling);
    if (!listens) changes.forEach((name) => deck.on(name, tell));
    listens = true;
    tell();
  }

  function open() {
    if (speaker && !speaker.closed) return speaker.focus();
    speaker = window.open("speaker.html", "speaker-notes", "width=1100,height=700");
    const url = location.origin + location.pathname + location.search;
    calling = setInterval(() => send({ type: "connect", state: deck.getState(), url }), 500);
  }

  function hear(event) {
    if (event.origin !== location.origin || typeof event.data !== "string") return;
    const message = JSON.parse(event.data);
    if (message.namespace !== spoken) return;
    if (message.type === "heartbeat" && !speaker) {
      speaker = event.source; // the deck was loaded again
      connected();
    } else if (message.type === "connected") connected();
    else if (message.type === "call")
      send({ type: "return", result: deck[message.methodName](...message.arguments), callId: message.callId });
  }

  return {
    id: "notes",
    init: (reveal) => {
      deck = reveal;
      if (/receiver/i.test(location.search)) return; // a deck inside the speaker's window
      window.addEventListener("message", hear);
      deck.addKeyBinding({ keyCode: 83, key: "S", description: "Speaker notes view" }, open);
    },
  };
};
