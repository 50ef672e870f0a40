import { tokenFor } from "../../../lib/oriel";
import { signedIn } from "../../../lib/people";

/** Vouches to Oriel for whoever is signed in here; the page asks for it with the product's own cookie. */
export async function GET(): Promise<Response> {
  const headers = { "Cache-Control": "no-store" };
  const person = await signedIn();
  if (!person) return Response.json({ error: "Nobody is signed in." }, { status: 401, headers });
  return Response.json({ jwt: await tokenFor(person) }, { headers });
}
