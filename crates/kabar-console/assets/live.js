// Makes a page of the console live. Without it everything works by forms and reloading.
//
// The page names in `data-live` where it can wait for news. When there is some, the page is fetched again, and each element
// with `data-part` takes on what the new page has at its id: children with `data-key` one by one, so that what stays is not
// touched and what is new can be seen to arrive. Forms with `data-enhance` are sent without leaving the page.

const RETRY_MS = 2000;
const BREATH_MS = 150;
const pause = (ms) => new Promise((wait) => setTimeout(wait, ms));
const PART = "[data-part]";
const seenIn = (page) => page.getElementById("seen")?.textContent.trim() ?? "0";

/** What the reader is typing into is left alone. */
const isInUse = (element) => element.contains(document.activeElement)
  && document.activeElement.matches("input, select, textarea");

/** Puts the children of `fresh` into `old`, keeping those that are the same. */
function patchKeyed(old, fresh) {
  const byKey = new Map([...old.children].map((child) => [child.dataset.key, child]));
  let place = null;
  for (const child of fresh.children) {
    const known = byKey.get(child.dataset.key);
    byKey.delete(child.dataset.key);
    let kept = known;
    if (!known) {
      kept = document.importNode(child, true);
      kept.classList.add("arrived");
    } else if (!sameHtml(known, child) && !isInUse(known)) {
      kept = document.importNode(child, true);
      known.replaceWith(kept);
    }
    const next = place ? place.nextElementSibling : old.firstElementChild;
    if (kept !== next) old.insertBefore(kept, next);
    place = kept;
  }
  for (const gone of byKey.values()) gone.remove();
}

function sameHtml(old, fresh) {
  old.classList.remove("arrived");
  if (old.getAttribute("class") === "") old.removeAttribute("class");
  return old.outerHTML === fresh.outerHTML;
}

function patch(fresh) {
  const focused = document.activeElement?.id;
  // The first message makes a phone of an empty page; then the page has other parts.
  const [main, freshMain] = [document, fresh].map((page) => page.querySelector("main"));
  if (main && freshMain && !main.querySelector(PART + " " + PART) && freshMain.querySelector(PART + " " + PART)) {
    main.replaceWith(document.importNode(freshMain, true));
  }
  for (const old of document.querySelectorAll(PART)) {
    const next = fresh.getElementById(old.id);
    if (!next || !document.contains(old)) continue;
    if (old.querySelector(PART)) continue; // Its parts are patched one by one.
    if ([...next.children, ...old.children].every((child) => child.dataset.key)) patchKeyed(old, next);
    else if (old.innerHTML !== next.innerHTML && !isInUse(old)) old.innerHTML = next.innerHTML;
  }
  if (focused && document.activeElement?.id !== focused) document.getElementById(focused)?.focus();
}

// Answers may come in another order than they were asked for; an older page never takes the place of a newer one.
let asked = 0;
let shown = 0;

/** Fetches a page and takes on what has changed; what went wrong with a form stays until the next form is sent. */
async function take(url, options, isForm) {
  const turn = asked += 1;
  const answer = await fetch(url, options);
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (turn > shown && fresh.getElementById("seen")) {
    shown = turn;
    if (!isForm) fresh.getElementById("notice")?.remove();
    patch(fresh);
  }
  return answer.ok;
}

const refresh = () => take(location.href, { headers: { accept: "text/html" } }, false);

/** Waits for news for ever. */
async function follow(news) {
  const lost = document.getElementById("lost");
  for (;;) {
    try {
      const answer = await fetch(`${news}?after=${seenIn(document)}`);
      if (!answer.ok) throw new Error(answer.statusText);
      const { seen } = await answer.json();
      if (String(seen) !== seenIn(document)) {
        if (!(await refresh())) throw new Error("no page");
        await pause(BREATH_MS);
      }
      if (lost) lost.hidden = true;
    } catch {
      if (lost) lost.hidden = false;
      await pause(RETRY_MS);
    }
  }
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches("[data-enhance]")) return;
  event.preventDefault();
  const fields = new URLSearchParams(new FormData(form, event.submitter));
  try {
    // Not `form.action`: a button of that name would be meant.
    const done = await take(form.getAttribute("action"), { method: "POST", body: fields }, true);
    if (done && form.matches("[data-clear]")) form.reset();
  } catch {
    document.getElementById("lost").hidden = false;
  }
});

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
  } catch {
    return; // The browser does not let pages copy; the code stands beside the label.
  }
  const label = button.innerHTML;
  button.textContent = button.dataset.copied;
  setTimeout(() => { button.innerHTML = label; }, 1200);
});

// Who begins to answer stays on that phone, whoever else gets a message meanwhile.
document.addEventListener("focusin", (event) => {
  const phone = event.target.closest("form.say")?.elements.phone?.value;
  if (phone) history.replaceState(null, "", `/phone/${phone}`);
});

if (document.body.dataset.live) follow(document.body.dataset.live);
