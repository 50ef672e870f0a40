/** Where this page finds Apron's backend and Oriel. */
export interface Config {
  oriel: string;
  backend: string;
}

/** Someone who works at an airport that is Apron's customer. */
export interface Person {
  id: string;
  name: string;
  airport: string;
  title: string;
  customer: { name: string; color: string };
}

/** Apron's backend: its own session lives in a cookie, so every call sends credentials. */
export interface Backend {
  people(): Promise<Person[]>;
  /** Who is signed in; undefined: nobody. */
  me(): Promise<Person | undefined>;
  signIn(person: string): Promise<void>;
  signOut(): Promise<void>;
}

export async function loadConfig(): Promise<Config> {
  return answered(await fetch("/config.json", { cache: "no-store" })).json() as Promise<Config>;
}

export function connect(config: Config): Backend {
  const call = (path: string, init?: RequestInit) =>
    fetch(new URL(path, config.backend), { credentials: "include", cache: "no-store", ...init });
  return {
    people: async () => answered(await call("/people.json")).json() as Promise<Person[]>,
    me: async () => {
      const response = await call("/me.json");
      if (response.status === 401) return undefined;
      return answered(response).json() as Promise<Person>;
    },
    signIn: async (person) => {
      answered(await call("/login", { method: "POST", body: new URLSearchParams({ person }) }));
    },
    signOut: async () => {
      answered(await call("/logout", { method: "POST" }));
    },
  };
}

function answered(response: Response): Response {
  if (!response.ok) throw new Error(`Apron answered ${response.status} to ${new URL(response.url).pathname}`);
  return response;
}
