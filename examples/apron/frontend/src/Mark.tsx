/** Apron's mark: the lead-in line and stop bar of a parking stand. */
export function Mark() {
  return (
    <svg className="mark" viewBox="0 0 32 32" width="32" height="32" aria-hidden="true">
      <rect className="mark-ground" width="32" height="32" rx="8" />
      <g fill="none" strokeLinecap="round">
        <path className="mark-line" d="M7 27c0-8 9-6 9-15M9 9.2h14" strokeWidth="3.2" />
        <path className="mark-dash" d="M22 27v-4M22 18.5V15" strokeWidth="2.4" />
      </g>
    </svg>
  );
}

/** A customer's logo: its code on its colour. */
export function Logo({ code, color }: { code: string; color: string }) {
  return (
    <span className="logo" style={{ background: color }} aria-hidden="true">
      {code}
    </span>
  );
}

/** Two letters in place of a photograph. */
export function Initials({ name }: { name: string }) {
  const letters = name
    .split(" ")
    .map((part) => part.charAt(0))
    .join("")
    .slice(0, 2);
  return (
    <span className="initials" aria-hidden="true">
      {letters}
    </span>
  );
}
