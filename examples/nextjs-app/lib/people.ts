import { jwtVerify, SignJWT } from "jose";
import { cookies } from "next/headers";

/** Somebody whom this product knows. */
export interface Person {
  id: string;
  name: string;
  email: string;
  /** The customer of this product whom they belong to: of which airport they see the figures. */
  airport: string;
}

/** Stands for the product's own table of people. */
export const people: readonly Person[] = [
  { id: "prs_ann", name: "Ann Arden", email: "ann@dfw.example", airport: "DFW" },
  { id: "prs_bob", name: "Bob Bell", email: "bob@ord.example", airport: "ORD" },
];

const cookie = "product_session";
const hours = 8;

/** Signs this product's own cookies; people sign in anew when the server starts anew. */
const secret = ((globalThis as { productSecret?: Uint8Array }).productSecret ??= crypto.getRandomValues(
  new Uint8Array(32),
));

/** Who is signed in to this product; undefined when nobody is. */
export async function signedIn(): Promise<Person | undefined> {
  const text = (await cookies()).get(cookie)?.value;
  if (text === undefined) return undefined;
  try {
    const { payload } = await jwtVerify(text, secret, { algorithms: ["HS256"] });
    return people.find((person) => person.id === payload.sub);
  } catch {
    return undefined;
  }
}

export async function signIn(person: Person): Promise<void> {
  const token = await new SignJWT()
    .setProtectedHeader({ alg: "HS256" })
    .setSubject(person.id)
    .setExpirationTime(`${String(hours)}h`)
    .sign(secret);
  (await cookies()).set(cookie, token, { httpOnly: true, sameSite: "lax", path: "/", maxAge: hours * 3600 });
}

export async function signOut(): Promise<void> {
  (await cookies()).delete(cookie);
}
