import { useState } from "react";
import { OrielError, type Download, type DownloadFormat } from "@oriel/core";
import { words } from "./words.js";

interface DownloadButtonsProps {
  /** The name of what is taken away. */
  name: string;
  formats: readonly DownloadFormat[];
  take: (format: DownloadFormat) => Promise<Download>;
  /** The chart as a PNG; nothing where there is no drawing. */
  picture?: (() => Promise<Blob>) | undefined;
  onError: ((error: OrielError) => void) | undefined;
}

/** A button for each format in which this person may take the rows away; for others, nothing. */
export function DownloadButtons({ name, formats, take, picture, onError }: DownloadButtonsProps) {
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState<OrielError>();
  const carry = async (end: string, file: () => Promise<Blob>) => {
    setBusy(true);
    setFailed(undefined);
    try {
      save(await file(), `${fileName(name)}.${end}`);
    } catch (error) {
      if (!OrielError.is(error)) throw error;
      setFailed(error);
      onError?.(error);
    } finally {
      setBusy(false);
    }
  };
  if (formats.length === 0) return null;
  const button = (end: string, file: () => Promise<Blob>) => (
    <button
      key={end}
      type="button"
      className="oriel-data-toggle"
      aria-label={`${words.download} ${end.toUpperCase()}: ${name}`}
      disabled={busy}
      onClick={() => void carry(end, file)}
    >
      {end.toUpperCase()}
    </button>
  );
  return (
    <div className="oriel-downloads">
      {formats.map((format) => button(format, async () => (await take(format)).file))}
      {picture && button("png", picture)}
      {failed && (
        <span className="oriel-muted" role="alert">
          {words.downloadFailed}
          {failed.reference === undefined
            ? `: ${failed.message}`
            : ` (${words.reference} ${failed.reference})`}
        </span>
      )}
    </div>
  );
}

/** What no file system takes amiss. */
function fileName(name: string): string {
  const clean = name.replace(/[/\\:*?"<>|%$;'`]/g, "-").replace(/[\p{C}]/gu, "");
  return clean.slice(0, 80).replace(/^[ .~-]+|[ .~-]+$/g, "") || "download";
}

function save(file: Blob, name: string): void {
  const url = URL.createObjectURL(file);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  // The browser reads it after the click has returned.
  setTimeout(() => {
    URL.revokeObjectURL(url);
  }, 60_000);
}
