/* Ticks the password rules while somebody types. Only a comfort: the server checks every rule again. */
const letters = (text) => [...text.normalize("NFC")];
const octets = (text) => new TextEncoder().encode(text.normalize("NFC")).length;
const plain = (text) => text.toLowerCase().normalize("NFKD").replace(/\p{M}/gu, "");
/* The same kinds as the server tells apart. */
const KINDS = { lower: /\p{Ll}/u, upper: /\p{Lu}/u, digit: /[0-9]/, sign: /[!-/:-@[-`{-~]/, other_letter: /[\p{Lo}\p{Lm}\p{Lt}]/u };
/* And as servers see it that know only ASCII: all beyond it is one kind, and a blank is a sign. */
const ASCII_KINDS = { lower: /[a-z]/, upper: /[A-Z]/, digit: /[0-9]/, sign: /[ -/:-@[-`{-~]/, other_letter: /[^\0-\x7f]/ };
const count = (kind) => (text, least) => letters(text).filter((letter) => kind.test(letter)).length >= least;
const kinds = (all) => (text, least) => Object.values(all).filter((kind) => kind.test(text)).length >= least;
const longestRow = (all) => all.reduce(({ row, most }, c, at) => {
  const now = at && c === all[at - 1] ? row + 1 : 1;
  return { row: now, most: Math.max(most, now) };
}, { row: 0, most: 0 }).most;

/* Each check gets the password and the rule's value. A rule that is not here is checked on the server alone. */
const CHECKS = {
  min_length: (text, least) => letters(text).length >= least,
  max_length: (text, most) => letters(text).length <= most,
  min_octets: (text, least) => octets(text) >= least,
  max_octets: (text, most) => octets(text) <= most,
  ascii_only: (text) => !ASCII_KINDS.other_letter.test(text),
  min_classes: kinds(KINDS),
  min_ascii_classes: kinds(ASCII_KINDS),
  max_repeats: (text, most) => longestRow(letters(text)) <= most,
  differs_from: (text, words) => !words.some((word) => word && plain(text).includes(word)),
};
for (const kind in KINDS) {
  CHECKS[`min_${kind}`] = count(KINDS[kind]);
  CHECKS[`min_ascii_${kind}`] = count(ASCII_KINDS[kind]);
}

const mark = (rule, words, state) => {
  rule.classList.toggle("done", state === "done");
  rule.classList.toggle("no", state === "no");
  rule.querySelector("[data-words]").textContent = `(${words[state]})`;
};

for (const list of document.querySelectorAll("[data-rules-for]")) {
  const field = document.getElementById(list.dataset.rulesFor);
  const rules = [...list.querySelectorAll("[data-rule]")].filter((rule) => rule.dataset.rule in CHECKS);
  const spoken = list.parentElement.querySelector("[data-rules-spoken]");
  const words = { todo: list.dataset.todo, done: list.dataset.done, no: list.dataset.no };
  let pause;
  field?.addEventListener("input", () => {
    for (const rule of rules) {
      const fits = CHECKS[rule.dataset.rule](field.value, JSON.parse(rule.dataset.value));
      mark(rule, words, field.value === "" ? "todo" : fits ? "done" : "no");
    }
    clearTimeout(pause); // said once after a pause, not at every key
    pause = setTimeout(() => {
      const open = rules.filter((rule) => rule.classList.contains("no")).map((rule) => rule.innerText);
      spoken.textContent = field.value === "" ? "" : open.join(", ") || list.dataset.allFit;
    }, 900);
  });
}
