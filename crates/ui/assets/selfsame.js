// The one script of selfsame's pages. Every page works without it: forms post and redirect, links are links.
// It adds: live nodes over one event stream, sending without a reload, Enter to send, copy buttons, local times.
(() => {
  "use strict";
  const page = document.body;
  const live = document.getElementById("live");
  const problem = document.getElementById("problem");

  // ---- times, in the reader's own zone ----
  const clock = new Intl.DateTimeFormat(undefined, { hour: "numeric", minute: "2-digit" });
  const seconds = new Intl.DateTimeFormat(undefined, { hour: "numeric", minute: "2-digit", second: "2-digit" });
  const day = new Intl.DateTimeFormat(undefined, { weekday: "short", day: "numeric", month: "short", hour: "numeric", minute: "2-digit" });
  const localise = (root) => {
    for (const time of root.querySelectorAll("time[data-format]")) {
      const at = new Date(time.dateTime);
      if (Number.isNaN(at.getTime())) continue;
      const format = { clock, seconds, day }[time.dataset.format] || clock;
      time.textContent = format.format(at);
      time.title = at.toString();
    }
  };

  // ---- live nodes ----
  // A fragment holds top-level elements with an id, a version (data-v), and for those that may be new
  // a parent (data-into) and the id before them (data-prev; empty = first). Equal versions are left alone.
  const focusable = "a[href],button,input,textarea,select,summary";
  const waiting = new Map();

  const place = (node) => {
    const old = document.getElementById(node.id);
    if (old) {
      if (old.dataset.v === node.dataset.v) return;
      const active = document.activeElement;
      if (old.contains(active) && active.matches("input,textarea,select")) {
        waiting.set(node.id, node);          // never take a half-written text away
        return;
      }
      const at = old.contains(active) ? [...old.querySelectorAll(focusable)].indexOf(active) : -1;
      const open = [...old.querySelectorAll("details")].map((details) => details.open);
      node.querySelectorAll("details").forEach((details, index) => { if (open[index]) details.open = true; });
      old.replaceWith(node);
      if (at >= 0) {
        const same = node.querySelectorAll(focusable)[at];
        if (same) same.focus({ preventScroll: true });
      }
    } else {
      const parent = document.getElementById(node.dataset.into || "");
      if (!parent) return;
      const before = node.dataset.prev ? document.getElementById(node.dataset.prev) : null;
      if (before && before.parentElement === parent) before.after(node);
      else if (node.dataset.prev === "") parent.prepend(node);
      else parent.append(node);
    }
    localise(node);
  };

  const patch = (html) => {
    const template = document.createElement("template");
    template.innerHTML = html;               // escaped by the server; the policy forbids inline script
    for (const node of [...template.content.children]) {
      waiting.delete(node.id);
      place(document.importNode(node, true));
    }
  };

  document.addEventListener("focusout", () => {
    if (waiting.size === 0) return;
    setTimeout(() => {
      const nodes = [...waiting.values()];
      waiting.clear();
      nodes.forEach(place);
    });
  });

  // ---- one stream a page, closed while hidden, resumed where it stopped ----
  let source = null;
  let last = page.dataset.after;
  let again = 0;
  let pause = 500;
  const state = (text) => { if (live) { live.textContent = text; live.dataset.state = text; } };

  const close = () => {
    clearTimeout(again);
    if (source) source.close();
    source = null;
  };
  const open = () => {
    close();
    if (!page.dataset.live || document.hidden) return;
    const url = new URL(page.dataset.live, location.href);
    url.searchParams.set("after", last);
    source = new EventSource(url);
    source.onopen = () => { pause = 500; state("live"); };
    source.addEventListener("nodes", (event) => { last = event.lastEventId || last; patch(event.data); });
    source.addEventListener("reload", () => location.reload());
    source.onerror = () => {
      state("reconnecting");
      if (source && source.readyState === EventSource.CLOSED) {
        close();
        again = setTimeout(open, pause);
        pause = Math.min(pause * 2, 10000);
      }
    };
  };
  document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
  addEventListener("pagehide", close);
  addEventListener("pageshow", (event) => { if (event.persisted) open(); });

  // ---- quiet forms: post, stay, let the stream bring the result ----
  const complain = (text) => {
    if (!problem) return;
    problem.textContent = text;
    problem.hidden = text === "";
  };
  let turn = Promise.resolve();              // one at a time, so that two quick lines keep their order

  const post = async (form, fields, restore) => {
    try {
      const answer = await fetch(form.action, {
        method: "POST",
        body: fields,
        headers: { Accept: "application/json" },
        credentials: "same-origin",
      });
      if (answer.ok) { complain(""); return; }
      let text = `Refused with status ${answer.status}.`;
      try { text = (await answer.json()).error.message || text; } catch { /* not JSON: keep the status */ }
      restore();
      complain(text);
    } catch {
      restore();
      complain("The platform does not answer. Is it still running?");
    }
  };

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || !form.hasAttribute("data-quiet")) return;
    event.preventDefault();
    const fields = new URLSearchParams();
    for (const [name, value] of new FormData(form, event.submitter)) fields.append(name, String(value));
    const box = form.querySelector("textarea,input[type=url],input[type=text]");
    const text = box ? box.value : "";
    if (box && box.required && text.trim() === "") return;
    if (box && !form.hasAttribute("data-keep")) {
      box.value = "";
      box.dispatchEvent(new Event("input", { bubbles: true }));
      box.focus();
    }
    const details = form.closest("details.menu");
    if (details) details.open = false;
    if (form.dataset.scroll) {
      const scroller = document.getElementById(form.dataset.scroll);
      if (scroller) scroller.scrollTop = 0;  // the scroller is reversed: 0 is the newest end
    }
    const restore = () => { if (box && box.value === "") box.value = text; };
    turn = turn.then(() => post(form, fields, restore));
  });

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      const menu = event.target.closest && event.target.closest("details.menu[open]");
      if (menu) { menu.open = false; menu.querySelector("summary").focus(); }
      return;
    }
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    const box = event.target;
    if (!(box instanceof HTMLTextAreaElement) || !box.form || !box.hasAttribute("data-enter")) return;
    event.preventDefault();
    box.form.requestSubmit();
  });

  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
    const copy = event.target.closest && event.target.closest("button[data-copy]");
    if (!copy) return;
    navigator.clipboard.writeText(copy.dataset.copy).then(
      () => { copy.textContent = "Copied"; setTimeout(() => { copy.textContent = "Copy"; }, 1500); },
      () => { copy.textContent = "Press Ctrl+C"; },
    );
  });

  // ---- filters apply as they change ----
  document.addEventListener("change", (event) => {
    const form = event.target.form;
    if (form && form.hasAttribute("data-instant")) form.requestSubmit();
  });

  page.dataset.script = "on";
  localise(document);
  open();
})();
