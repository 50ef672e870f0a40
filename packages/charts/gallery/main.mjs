import { mountChart } from "../src/index.ts";

/** Shows cards, as `cards.mjs` makes them, in a theme. */
window.gallery = (cards, theme) => {
  document.body.dataset.orielTheme = theme;
  const grid = document.createElement("main");
  document.body.replaceChildren(grid);
  for (const card of cards) {
    const section = document.createElement("section");
    if (card.wide) section.className = "wide";
    const place = document.createElement("div");
    place.style.height = `${card.height}px`;
    section.append(text("h2", card.title));
    if (card.chart.note) section.append(text("p", card.chart.note));
    section.append(place);
    grid.append(section);
    mountChart(place, card);
  }
};

function text(tag, content) {
  const element = document.createElement(tag);
  element.textContent = content;
  return element;
}
