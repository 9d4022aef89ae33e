/* Ticks the password rules while somebody types. Only a comfort: the server checks every rule again. */
const letters = (text) => [...text.normalize("NFC")];
const plain = (text) => text.normalize("NFC").toLowerCase();
const count = (pattern) => (text, least) => letters(text).filter((letter) => pattern.test(letter)).length >= least;
const CLASSES = [/\p{Ll}/u, /\p{Lu}/u, /\p{Nd}/u, /[^\p{L}\p{Nd}]/u];

/* Each check gets the password and the rule's value. A rule that is not here is checked on the server alone. */
const CHECKS = {
  min_length: (text, least) => letters(text).length >= least,
  max_length: (text, most) => letters(text).length <= most,
  min_lower: count(CLASSES[0]),
  min_upper: count(CLASSES[1]),
  min_digits: count(CLASSES[2]),
  min_special: count(CLASSES[3]),
  min_classes: (text, least) => CLASSES.filter((pattern) => pattern.test(text)).length >= least,
  differs_from: (text, words) => !words.some((word) => word && plain(text).includes(plain(word))),
};

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
