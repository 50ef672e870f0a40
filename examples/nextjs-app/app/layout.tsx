import Link from "next/link";
import type { ReactNode } from "react";
import { server } from "../lib/oriel";
import { signedIn } from "../lib/people";
import { leave } from "./actions";
import { Analytics } from "./analytics";
import "./page.css";

export const metadata = { title: "A product on Next.js", icons: "data:," };
// Each page is somebody's: none is made before they ask.
export const dynamic = "force-dynamic";

export default async function Layout({ children }: { children: ReactNode }) {
  const person = await signedIn();
  return (
    <html lang="en">
      <body>
        {person ? (
          <>
            <header>
              <nav>
                <Link href="/dashboard">Dashboard</Link>
                <Link href="/question">Departures per day</Link>
              </nav>
              <form action={leave}>
                <span>
                  {person.name}, {person.airport}
                </span>
                <button type="submit">Sign out</button>
              </form>
            </header>
            <main>
              <Analytics server={server()} subject={person.id} key={person.id}>
                {children}
              </Analytics>
            </main>
          </>
        ) : (
          <main>{children}</main>
        )}
      </body>
    </html>
  );
}
