import { channelName } from "./popups.js";

/**
 * Ends a sign-in on the page that is registered as its `callback_url`: a popup
 * comes here when the identity provider has cut it off from the page that opened
 * it. Call it once when that page loads. It passes on what stands in the address,
 * takes it out of the address, and closes the window. Whether there was anything;
 * where a browser doesn't close the window, the page says what it likes.
 *
 * @module @oriel/core/callback
 */
export function finishSignIn(): boolean {
  const found = new URLSearchParams(location.hash.slice(1));
  if (found.get("type") !== "ORIEL_AUTH" || !found.get("state")) return false;
  history.replaceState(null, "", location.pathname + location.search);
  const channel = new BroadcastChannel(channelName);
  channel.postMessage(Object.fromEntries(found));
  channel.close();
  window.close();
  return true;
}
