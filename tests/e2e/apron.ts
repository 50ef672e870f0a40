import type { Locator, Page } from "playwright-core";
import type { DateRange } from "./expected.mjs";
import type { Stack } from "./stack.js";

export interface Person {
  id: string;
  name: string;
  airport: string;
  title: string;
  customer: { name: string; color: string };
}

/** The dashboard's cards, by key and title. */
export const cards = {
  departures: "Departures",
  "average-delay": "Average delay",
  "late-departures": "Late departures",
  "departures-per-day": "Departures per day",
  "average-delay-by-hour": "Average delay by hour",
  "worst-destinations": "Worst destinations",
  "distance-against-delay": "Distance against delay",
  "strikes-by-species": "Wildlife strikes by species",
  "latest-departures": "Latest departures",
} as const;

export type CardKey = keyof typeof cards;
export const cardKeys = Object.keys(cards) as CardKey[];

export async function people(stack: Stack): Promise<Person[]> {
  return (await (await fetch(`${stack.backend}/people.json`)).json()) as Person[];
}

/** Opens Apron, signs in by choosing a person, and waits for every chart. */
export async function signIn(page: Page, stack: Stack, person: Person): Promise<void> {
  await page.goto(stack.apron);
  await page.getByRole("button", { name: person.name }).click();
  await allShown(page);
}

export async function signOut(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
}

export function card(page: Page, key: CardKey): Locator {
  const title = page.getByRole("heading", { name: cards[key], exact: true });
  return page.locator("section.oriel-card").filter({ has: title });
}

/** Waits until every card shows its chart, and none an older filter's. */
export async function allShown(page: Page): Promise<void> {
  for (const key of cardKeys)
    await card(page, key).locator("table[data-oriel-twin]").waitFor({ state: "attached" });
  await page.waitForFunction(
    () => !document.querySelector('[data-stale="true"], .oriel [aria-busy="true"], .oriel[aria-busy="true"]'),
  );
}

/** A chart's data table, each cell the text that stands in the page. */
export async function twin(page: Page, key: CardKey): Promise<Record<string, string>[]> {
  return card(page, key)
    .locator("table[data-oriel-twin]")
    .evaluate((table: HTMLTableElement) => {
      const columns = [...table.querySelectorAll("th[data-column]")].map(
        (th) => th.getAttribute("data-column") ?? "",
      );
      return [...table.querySelectorAll("tbody tr")].map((row) =>
        Object.fromEntries([...row.children].map((cell, i) => [columns[i] ?? "", cell.textContent ?? ""])),
      );
    });
}

/** Sets both ends of the date filter and waits for the answer. */
export async function filterByDate(page: Page, range: DateRange): Promise<void> {
  const clear = page.getByRole("button", { name: "Clear Date" });
  if (await clear.isVisible()) await clear.click(); // it shows only where there is something to clear
  await page.getByLabel("From", { exact: true }).fill(range.from);
  // One end alone runs nothing.
  await answered(page, () => page.getByLabel("To", { exact: true }).fill(range.to));
  await allShown(page);
}

/** Chooses one destination, as a person would: open, type, Enter. */
export async function filterByDestination(page: Page, destination: string): Promise<void> {
  await page.getByRole("button", { name: /^Destination:/ }).click();
  await page.getByRole("option", { name: destination, exact: true }).waitFor();
  await page.getByRole("combobox").fill(destination);
  await answered(page, () => page.keyboard.press("Enter"));
  await page.keyboard.press("Escape");
  await allShown(page);
}

/** Does something that runs the dashboard anew, and waits until the answer begins. */
export async function answered(page: Page, act: () => Promise<unknown>): Promise<void> {
  const run = page.waitForResponse((response) => response.url().endsWith("/run") && response.ok());
  await act();
  await run;
}
