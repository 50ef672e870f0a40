import { useState } from "react";
import type { Client, DownloadFormat, OrielError, Parameters, QuestionRun } from "@oriel/core";
import { OrielError as Failure } from "@oriel/core";
import { words } from "./words.js";

interface DownloadButtonsProps {
  client: Client;
  question: QuestionRun["question"];
  params: Parameters | undefined;
  onError: ((error: OrielError) => void) | undefined;
}

/** A button for each format in which this person may take the rows away; for others, nothing. */
export function DownloadButtons({ client, question, params, onError }: DownloadButtonsProps) {
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState<OrielError>();
  const take = async (format: DownloadFormat) => {
    setBusy(true);
    setFailed(undefined);
    try {
      const { file } = await client.downloadQuestion(question.id, format, { parameters: params });
      save(file, `${fileName(question.name)}.${format}`);
    } catch (error) {
      if (!Failure.is(error)) return;
      setFailed(error);
      onError?.(error);
    } finally {
      setBusy(false);
    }
  };
  if (question.downloads.length === 0) return null;
  return (
    <div className="oriel-downloads">
      {question.downloads.map((format) => (
        <button
          key={format}
          type="button"
          className="oriel-data-toggle"
          aria-label={`${words.download} ${format.toUpperCase()}: ${question.name}`}
          disabled={busy}
          onClick={() => void take(format)}
        >
          {format.toUpperCase()}
        </button>
      ))}
      {failed && (
        <span className="oriel-muted" role="alert">
          {words.downloadFailed}
          {failed.reference === undefined ? ` (${failed.code})` : ` (${words.reference} ${failed.reference})`}
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
