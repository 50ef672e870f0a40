/**
 * Oriel on the host's own servers: fetches results under a `backend` session
 * for the first render, and hands them, never the session, to the page.
 *
 * - `openBackendSession` → a session of the host's servers for one person
 * - `createServerClient` → {@link ServerClient}: `prefetchQuestion`,
 *   `prefetchDashboard`, `dehydrate`
 *
 * @module @oriel/core/server
 */
export { openBackendSession, type BackendSession, type BackendSessionOptions } from "./backend-session.js";
export { createServerClient, type ServerClient, type ServerClientOptions } from "./server-client.js";
export { OrielError } from "./error.js";
