/* Shows what has come into the queue without reloading. Only a comfort: the page works without, by reloading it. */
const list = document.querySelector("[data-live]");
const told = document.querySelector("[data-live-told]");
const waits = document.querySelector("[data-live-waits]");
let mark = list.dataset.mark;
const inUse = () => list.contains(document.activeElement) || list.querySelector("input:checked") !== null;
const ask = async () => {
  if (document.hidden) return;
  try {
    const answer = await fetch(list.dataset.live, { headers: { "If-None-Match": mark }, cache: "no-store" });
    if (answer.redirected || answer.status === 403) clearInterval(turn); // signed out
    else if (answer.ok) {
      const { html, words } = await answer.json();
      mark = answer.headers.get("ETag");
      if (inUse()) waits.hidden = false; // nothing is taken from under somebody's hands
      else list.innerHTML = html;
      told.textContent = words;
    }
  } catch {
    // offline for a moment; the next turn tells
  }
};
const turn = setInterval(ask, 10000);
