interface ResetButtonProps {
  label: string;
  /** Whether there is anything to go back from. */
  changed: boolean;
  onReset: () => void;
}

/** Goes back to how it was; it stays in reach of the focus that is on it. */
export function ResetButton({ label, changed, onReset }: ResetButtonProps) {
  return (
    <button
      type="button"
      className="oriel-button"
      aria-disabled={!changed}
      onClick={() => {
        if (changed) onReset();
      }}
    >
      {label}
    </button>
  );
}
