// Throughline's behaviour: keys, theme, dragging. Every page works without it.
(() => {
  "use strict";
  const root = document.documentElement;
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];

  // Theme: system, light, dark; kept in this browser. theme.js puts it on before the first paint.
  const THEMES = ["system", "light", "dark"];
  const themeNow = () => root.dataset.theme || "system";
  const nameTheme = (button) => {
    button.title = `Theme: ${themeNow()}`;
    button.setAttribute("aria-label", `Theme: ${themeNow()}. Change theme.`);
  };
  const changeTheme = () => {
    const next = THEMES[(THEMES.indexOf(themeNow()) + 1) % THEMES.length];
    if (next === "system") delete root.dataset.theme;
    else root.dataset.theme = next;
    try {
      localStorage.setItem("theme", next);
    } catch {
      // Storage may be forbidden; the choice then lasts for this page.
    }
    all("[data-theme-toggle]").forEach(nameTheme);
  };

  // Keys. A row is a card on a board, a child of a [data-list], or a [data-row].
  const ROW = "[data-board] .card, [data-list] > *, [data-row]";
  const rowsNear = () => all(ROW).filter((row) => row.offsetParent);
  const linkOf = (row) => row.querySelector("a[href], summary, button");
  const holder = (row) => row.closest(ROW);
  const rowNow = () => (document.activeElement && holder(document.activeElement)) || null;
  const go = (row) => {
    const link = row && linkOf(row);
    if (!link) return;
    all(".at").forEach((other) => other.classList.remove("at"));
    row.classList.add("at");
    link.focus({ preventScroll: true });
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    row.scrollIntoView({ block: "nearest", inline: "nearest", behavior: still ? "auto" : "smooth" });
  };
  const step = (by) => {
    const now = rowNow();
    const column = now && now.closest(".column");
    const rows = column ? all(".card", column) : rowsNear().filter(linkOf);
    go(now ? rows[rows.indexOf(now) + by] : rows[0]);
  };
  const across = (by) => {
    const now = rowNow();
    const column = now && now.closest(".column");
    if (!column) return;
    const columns = all(".column", column.closest("[data-board]")).filter(
      (other) => other === column || other.querySelector(".card"),
    );
    const place = all(".card", column).indexOf(now);
    const cards = all(".card", columns[columns.indexOf(column) + by] || column);
    go(cards[Math.min(place, cards.length - 1)]);
  };
  const search = () => {
    const field = document.querySelector("[data-search]");
    field?.focus();
    field?.select();
  };
  const help = () => document.getElementById("help")?.showModal();
  // Move: a dialog with every stage and what it lacks, as the server tells it.
  const movesLink = () => (rowNow() || document.querySelector(".page-head"))?.querySelector("[data-moves]");
  const openMoves = async (link) => {
    const dialog = document.getElementById("moves");
    const address = link && (link.dataset.moves || link.getAttribute("href"));
    if (!dialog || !address) return;
    const answer = await fetch(address, { headers: { "HX-Request": "true", "HX-Target": "moves" } });
    if (!answer.ok) return location.assign(address);
    dialog.querySelector("[data-moves-here]").innerHTML = await answer.text();
    dialog.showModal();
    dialog.querySelector("button[name=to]")?.focus();
  };
  const otherView = () => document.querySelector("[data-views] a:not([aria-current])")?.click();
  const KEYS = {
    j: () => step(1), k: () => step(-1), l: () => across(1), h: () => across(-1),
    m: () => openMoves(movesLink()), t: otherView, "/": search, "?": help,
  };
  // `g`, then a letter, goes to a page; the help has the letters of those that may be opened.
  const WAITS_MS = 1500;
  let waitsUntil = 0;
  const goTo = (key) => {
    const waits = performance.now() < waitsUntil;
    waitsUntil = 0;
    const link = waits && document.querySelector(`#help [data-go="${CSS.escape(key)}"]`);
    if (link) location.assign(link.href);
    return Boolean(link);
  };
  KEYS.g = () => (waitsUntil = performance.now() + WAITS_MS);
  const isOff = () => document.body.dataset.singleKeys !== "on";
  const isTyping = (target) => target.closest("input, textarea, select, [contenteditable], dialog[open]");

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || isOff()) return;
    if (goTo(event.key)) return event.preventDefault();
    const act = KEYS[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
  document.addEventListener("focusout", (event) => holder(event.target)?.classList.remove("at"));

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-theme-toggle]")) changeTheme();
    if (event.target.closest("[data-help]") && document.getElementById("help")) {
      event.preventDefault();
      help();
    }
    const link = event.target.closest("a[data-moves]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    openMoves(link);
  });

  // Dragging: a drop submits the card's own form; the server decides whether the gate is open.
  let dragged = null;
  const columnUnder = (event) => dragged && event.target.closest?.("[data-board] .column[data-key]");
  const unmark = () => all(".column.over").forEach((column) => column.classList.remove("over"));
  const ready = (within) =>
    all(".card:has(form[data-move])", within).forEach((card) => {
      card.draggable = true;
      all("a", card).forEach((link) => (link.draggable = false));
    });

  document.addEventListener("dragstart", (event) => {
    dragged = event.target.closest?.(".card[draggable=true]") || null;
    if (!dragged) return;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", "");
    dragged.classList.add("dragging");
  });
  document.addEventListener("dragover", (event) => {
    const column = columnUnder(event);
    if (!column) return;
    event.preventDefault();
    if (column.classList.contains("over")) return;
    unmark();
    column.classList.add("over");
  });
  document.addEventListener("drop", (event) => {
    const column = columnUnder(event);
    if (!column) return;
    event.preventDefault();
    const form = dragged.querySelector("form[data-move]");
    if (column === dragged.closest(".column")) return;
    form.elements.to.value = column.dataset.key;
    form.requestSubmit();
  });
  document.addEventListener("dragend", () => {
    unmark();
    dragged?.classList.remove("dragging");
    dragged = null;
  });

  // A slider beside a day: it says which day as it moves. A pointer that lets go asks for it;
  // with keys, so that no step loads a page, the form's button does.
  const DAY_MS = 86_400_000;
  const slide = (slider) => {
    const day = new Date(Date.parse(slider.dataset.from) + slider.value * DAY_MS);
    document.getElementById(slider.dataset.slides).value = day.toISOString().slice(0, 10);
    slider.setAttribute("aria-valuetext", day.toLocaleDateString("en-GB", { dateStyle: "long", timeZone: "UTC" }));
    slider.dataset.moved = "";
  };
  const SLIDER = "input[data-slides]";
  document.addEventListener("input", (event) => event.target.matches?.(SLIDER) && slide(event.target));
  document.addEventListener("pointerup", (event) => {
    if (event.target.matches?.(SLIDER) && "moved" in event.target.dataset) event.target.form.requestSubmit();
  });

  // Copy: what a button names, and the button says that it is done.
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    if (!navigator.clipboard) return getSelection().selectAllChildren(button.previousElementSibling);
    const word = button.textContent;
    await navigator.clipboard.writeText(button.dataset.copy);
    button.textContent = "Copied";
    setTimeout(() => (button.textContent = word), 2000);
  });

  // The menu may scroll, as a line on a phone: where one is stands in its middle.
  const menu = document.querySelector(".nav");
  const here = menu?.querySelector("[aria-current]")?.getBoundingClientRect();
  if (here) {
    const around = menu.getBoundingClientRect();
    menu.scrollLeft += here.left - around.left - (menu.clientWidth - here.width) / 2;
    menu.scrollTop += here.top - around.top - (menu.clientHeight - here.height) / 2;
  }

  all("[data-theme-toggle]").forEach(nameTheme);
  ready(document);
  document.addEventListener("htmx:load", (event) => ready(event.target));
})();
