/**
 * Oriel's client: sign-in, renewal and API calls, for any framework. Safe to
 * import on a server; nothing is fetched before the first call.
 *
 * - `createClient` → {@link Client}: `auth`, `runQuestion`, `runDashboard`,
 *   `parameterValues`, and watches that keep a view up to date
 * - {@link AuthState}: where the sign-in stands
 * - {@link OrielError}: the one class of failure
 *
 * @module @oriel/core
 */
export { createClient, type Auth, type Client } from "./client.js";
export { adviceFor, type ErrorCode, type SdkCode, type ServerCode } from "./codes.js";
export type { DashboardRun, DashboardRunOptions, Download, DownloadFormat, RunOptions } from "./content.js";
export type { CardView, DashboardView, DashboardWatch } from "./dashboard-watch.js";
export type { Environment } from "./environment.js";
export type { Explorable, ExplorableView, UnsavedView } from "./explore.js";
export { OrielError, type ErrorParts } from "./error.js";
export {
  checkOptions,
  type ClientOptions,
  type OrielEvent,
  type SignInMethod,
  type TokenContext,
  type TokenSource,
} from "./options.js";
export type { CollectionsView, ListView } from "./list-watch.js";
export type { QuestionView, QuestionWatch, RunView } from "./question-watch.js";
export type { PopupMessage, Popups, PopupWindow } from "./popups.js";
export { userOf, type AuthState } from "./state.js";
export type { Watch } from "./watch.js";
export type * from "./wire.js";
