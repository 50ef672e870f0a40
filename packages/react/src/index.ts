/**
 * Oriel's charts and dashboards as React components, for React 18 and 19.
 * Put `OrielProvider` around them; it signs in once for all.
 *
 * @module @oriel/react
 */
export { defineAuthConfig, type AuthConfig, type AuthConfigOptions } from "./auth-config.js";
export { CollectionBrowser, type ChosenContent, type CollectionBrowserProps } from "./collection-browser.js";
export type { Isolation, Theme } from "./context.js";
export type { Drill, QuestionDrill } from "./drill.js";
export {
  AuthFailed,
  AuthPending,
  Authenticated,
  SignedOut,
  type AuthFailure,
  type SignedOutInfo,
} from "./gates.js";
export {
  useAuth,
  useAuthStatus,
  useCollections,
  useContent,
  useDashboard,
  useExplorable,
  useQuestion,
  useUnsaved,
  useUser,
  type RunHookOptions,
} from "./hooks.js";
export { InteractiveDashboard, type InteractiveDashboardProps } from "./interactive-dashboard.js";
export { InteractiveQuestion, type InteractiveQuestionProps } from "./interactive-question.js";
export { Prefetched, type PrefetchedProps } from "./prefetched.js";
export type { ContentProps } from "./content-props.js";
export type { QuestionProps } from "./question-page.js";
export { OrielProvider, type OrielProviderProps } from "./provider.js";
export type { Slots } from "./slots.js";
export { StaticDashboard, type StaticDashboardProps } from "./static-dashboard.js";
export { StaticQuestion, type StaticQuestionProps } from "./static-question.js";
export { OrielError } from "@oriel/core";
export type {
  AuthState,
  CollectionInfo,
  ContentKind,
  ContentPage,
  DashboardInfo,
  ErrorCode,
  ListedContent,
  ListOptions,
  OrielEvent,
  Parameters,
  ParameterValue,
  QuestionRun,
  TokenContext,
  TokenSource,
  UnsavedAsk,
  User,
} from "@oriel/core";
