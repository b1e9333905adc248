// The one script of selfsame's pages. Every page works without it: forms post and redirect, links are links.
// It adds: live nodes over one event stream, sending without a reload, Enter to send, files by drop and paste, copy buttons,
// local times.
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

  const post = async (form, fields, restore, done) => {
    try {
      const answer = await fetch(form.action, {
        method: "POST",
        body: fields,
        headers: { Accept: "application/json" },
        credentials: "same-origin",
      });
      if (answer.ok) { complain(""); done(); return; }
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
    const picker = form.querySelector("input[type=file]");
    const data = new FormData(form, event.submitter);
    const fields = picker ? data : new URLSearchParams([...data].map(([name, value]) => [name, String(value)]));
    const box = form.querySelector("textarea,input[type=url],input[type=text]");
    const text = box ? box.value : "";
    if (box && box.required && text.trim() === "") return;
    if (box && !form.hasAttribute("data-keep")) {
      box.value = "";
      box.dispatchEvent(new Event("input", { bubbles: true }));
      box.focus();
    }
    const details = form.closest("details.menu");
    if (details) {
      const had = details.contains(document.activeElement);
      details.open = false;
      if (had) details.querySelector("summary").focus();
    }
    if (picker && [...picker.files].reduce((sum, file) => sum + file.size, 0) > Number(picker.dataset.mostBytes)) {
      // The server would close the connection in the middle of them.
      complain("These files are too large together: 32 MB is the most that goes at once.");
      return;
    }
    if (form.dataset.scroll) {
      const scroller = document.getElementById(form.dataset.scroll);
      if (scroller) scroller.scrollTop = 0;  // the scroller is reversed: 0 is the newest end
    }
    const restore = () => { if (box && box.value === "") box.value = text; };
    const done = () => { if (picker) form.reset(); };
    turn = turn.then(() => post(form, fields, restore, done));
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

  document.addEventListener("focusout", (event) => {
    const menu = event.target.closest("details.menu[open]");
    if (menu && event.relatedTarget && !menu.contains(event.relatedTarget)) menu.open = false;
  });

  // ---- files dropped on the page or pasted go as if they had been chosen ----
  const takeFiles = (event, transfer) => {
    const form = document.querySelector("form[data-drop]");
    if (!form || !transfer || ![...transfer.types].includes("Files")) return;
    event.preventDefault();
    if (event.type === "dragover" || transfer.files.length === 0) return;
    form.querySelector("input[type=file]").files = transfer.files;
    form.requestSubmit();
  };
  for (const type of ["dragover", "drop"]) document.addEventListener(type, (event) => takeFiles(event, event.dataTransfer));
  document.addEventListener("paste", (event) => takeFiles(event, event.clipboardData));

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

  // ---- an editor's text is checked while it is written; a problem's place leads to it ----
  const CHECK_AFTER_MS = 250;
  let checking = 0;
  document.addEventListener("input", (event) => {
    const box = event.target;
    if (!box.dataset.check) return;
    clearTimeout(checking);
    checking = setTimeout(async () => {
      const text = box.value;
      try {
        const answer = await fetch(box.dataset.check, { method: "POST", body: new URLSearchParams({ text }), credentials: "same-origin" });
        if (answer.ok && box.value === text) patch(await answer.text());
      } catch { /* saving says what is wrong */ }
    }, CHECK_AFTER_MS);
  });
  document.addEventListener("click", (event) => {
    const place = event.target.closest("button[data-line]");
    const box = place && document.querySelector("textarea[data-check]");
    if (!box) return;
    const lines = box.value.split("\n").slice(0, place.dataset.line - 1);
    const at = lines.reduce((sum, line) => sum + line.length + 1, 0) + Math.max(place.dataset.column - 1, 0);
    box.focus();
    box.setSelectionRange(at, at);
    box.scrollTop = Math.max((place.dataset.line - 6) * (box.scrollHeight / box.value.split("\n").length), 0);
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
