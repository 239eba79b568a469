// The list below the field of the header: filled by htmx, walked by arrows. Without it the form goes
// to the page of results.
(() => {
  "use strict";
  const field = document.querySelector("[data-search]");
  const panel = document.getElementById("search-hits");
  if (!field || !panel) return;
  const said = document.getElementById("search-said");
  const options = () => [...panel.querySelectorAll("[role=option]")];
  let chosen = -1;

  field.setAttribute("role", "combobox");
  field.setAttribute("aria-autocomplete", "list");
  field.setAttribute("aria-haspopup", "listbox");

  const isOpen = () => !panel.hidden;
  const show = (open) => {
    panel.hidden = !open;
    const list = open && panel.querySelector("[role=listbox]");
    field.setAttribute("aria-expanded", String(Boolean(list)));
    if (list) field.setAttribute("aria-controls", list.id);
    else field.removeAttribute("aria-controls");
  };
  const choose = (place) => {
    const all = options();
    chosen = all.length ? (place + all.length) % all.length : -1;
    all.forEach((one, number) => one.setAttribute("aria-selected", String(number === chosen)));
    if (chosen < 0) return field.removeAttribute("aria-activedescendant");
    field.setAttribute("aria-activedescendant", all[chosen].id);
    all[chosen].scrollIntoView({ block: "nearest" });
  };
  const close = () => {
    show(false);
    chosen = -1;
    field.removeAttribute("aria-activedescendant");
    said.textContent = "";
  };
  show(false);

  field.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (!options().length) return;
      event.preventDefault();
      if (!isOpen()) show(true);
      const down = event.key === "ArrowDown";
      choose(chosen < 0 ? (down ? 0 : -1) : chosen + (down ? 1 : -1));
    } else if (event.key === "Enter" && isOpen() && chosen >= 0) {
      event.preventDefault();
      options()[chosen].click();
    } else if (event.key === "Escape") {
      event.preventDefault();
      if (isOpen()) close();
      else field.blur();
    }
  });
  field.addEventListener("input", () => field.value.trim() || close());
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.target === field && !field.value.trim()) event.preventDefault();
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.target !== panel || document.activeElement !== field || !field.value.trim()) return;
    chosen = -1; // nothing is chosen before somebody does
    field.removeAttribute("aria-activedescendant");
    show(true);
    const count = panel.querySelector("[data-count]")?.dataset.count || "0";
    said.textContent = count === "0" ? "Nothing found." : `${count} found. Arrows choose, Enter opens.`;
  });
  document.addEventListener("focusin", (event) => event.target.closest(".search") || close());
  document.addEventListener("pointerdown", (event) => event.target.closest(".search") || close());
})();
