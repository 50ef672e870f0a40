/**
 * The names of the API's types, taken from the file that is generated from
 * `api/openapi.yaml`. Nothing here is written by hand twice.
 */
import type { components } from "./api.gen.js";

type Schemas = components["schemas"];

/** The person who is signed in, as the server knows them. */
export type User = Schemas["User"];
/** What the server tells of itself when a session begins. */
export type Settings = Schemas["Settings"];
/** How a result is drawn. */
export type Chart = Schemas["Chart"];
/** One column of a result: its label, type and format. */
export type Column = Schemas["Column"];
/** A columnar result: one array of values for each column. */
export type Result = Schemas["Result"];
/** A question's name, chart and parameters. */
export type Question = Schemas["Question"];
/** A question together with its result. */
export type QuestionRun = Schemas["QuestionRun"];
/** One filter of a dashboard or question. */
export type Parameter = Schemas["Parameter"];
/** A dashboard's name, filters and tabs. */
export type DashboardInfo = Schemas["DashboardInfo"];
/** One card's question and its place on the grid of 24 columns. */
export type DashboardCard = Schemas["DashboardCard"];
/** The first line of a dashboard's stream. */
export type LayoutLine = Schemas["LayoutLine"];
/** One card's result, or why it has none. */
export type CardLine = Schemas["CardLine"];
/** A line of a dashboard's stream. */
export type DashboardLine = Schemas["DashboardLine"];
/** One value that a list filter offers. */
export type ParameterChoice = Schemas["ParameterValues"]["items"][number];
/** A failure as the server words it (RFC 9457). */
export type Problem = Schemas["Problem"];
/** Whose a session is. */
export type SessionInfo = Schemas["SessionInfo"];
/** A question or dashboard as a listing tells of it. */
export type ListedContent = Schemas["ListedContent"];
/** A collection's key, as `id`, and its name. */
export type CollectionInfo = Schemas["ListingItem"];
/** A structured question: what is read of which model. */
export type QuestionTree = Schemas["QuestionTree"];
/** A model with the columns that this person sees. */
export type Model = Schemas["Model"];
/** A question that nobody saved, how it is drawn, and the values of its parameters. */
export type UnsavedAsk = Schemas["UnsavedRunRequest"];
/** The result of a question that nobody saved, and how it is drawn. */
export type UnsavedRun = Schemas["UnsavedQuestionRun"];
/** The answer to an exchange. */
export type SessionAnswer = Schemas["Session"];

/** Both ends are inclusive, as `YYYY-MM-DD`. */
export interface DateRange {
  from?: string;
  to?: string;
}

/** Both ends are inclusive, and either may be left out. */
export interface NumberRange {
  from?: number;
  to?: number;
}

/** A filter's value; `null` and `undefined` mean that it isn't set, and has its default. */
export type ParameterValue =
  | string
  | number
  | boolean
  | readonly string[]
  | readonly number[]
  | DateRange
  | NumberRange
  | null
  | undefined;

/** Filter values by the parameter's name. */
export type Parameters = Readonly<Record<string, ParameterValue>>;

/** What is listed. */
export type ContentKind = "dashboards" | "questions";

/** Which part of a listing is asked for. */
export interface ListOptions {
  /** The key of the one collection that is asked for. */
  collection?: string | undefined;
  /** What the name or the description has to hold, in any case. */
  search?: string | undefined;
  /** `next` of the page before. */
  cursor?: string | undefined;
}

/** A part of a listing; `next` is the cursor of the part after it. */
export interface ContentPage {
  items: readonly ListedContent[];
  next: string | undefined;
}
