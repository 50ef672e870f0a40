import { channelName, keptHere, keptUnder } from "./popups.js";

/**
 * Ends a sign-in on the page that is registered as its `callback_url`: a popup
 * comes here when the identity provider has cut it off from the page that opened
 * it, and a page that signs in without another window. Call it once when the page
 * loads. It takes what stands in the address out of it and passes it on: a popup is
 * closed, a page goes back to where it was. Whether there was anything; where a
 * browser doesn't close the window, the page says what it likes.
 *
 * @module @oriel/core/callback
 */
export function finishSignIn(): boolean {
  const found = new URLSearchParams(location.hash.slice(1));
  if (found.get("type") !== "ORIEL_AUTH" || !found.get("state")) return false;
  history.replaceState(null, "", location.pathname + location.search);
  const kept = keptHere();
  if (kept?.state === found.get("state")) {
    sessionStorage.setItem(keptUnder, JSON.stringify({ ...kept, answer: Object.fromEntries(found) }));
    location.replace(kept.page);
    return true;
  }
  const channel = new BroadcastChannel(channelName);
  channel.postMessage(Object.fromEntries(found));
  channel.close();
  window.close();
  return true;
}
