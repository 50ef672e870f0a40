/**
 * Cuts a stream of bytes into lines and reads each as JSON, wherever the
 * network happened to split it. A last line without a line feed counts too.
 */
export async function* readLines(
  body: ReadableStream<Uint8Array>,
  alive: () => void,
): AsyncGenerator<unknown> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      alive();
      // A long line comes in many pieces: only the new one is searched.
      let end = rest.length;
      rest += done ? decoder.decode() : decoder.decode(value, { stream: true });
      let from = 0;
      while ((end = rest.indexOf("\n", end)) >= 0) {
        const line = rest.slice(from, end).trim();
        from = ++end;
        if (line !== "") yield JSON.parse(line);
      }
      rest = rest.slice(from);
      if (!done) continue;
      if (rest.trim() !== "") yield JSON.parse(rest);
      return;
    }
  } finally {
    // Leaving early frees the connection, and with it the query in the engine.
    // A reader that left at the last line finds the end of the stream instead,
    // and nothing is cancelled: developer tools would call that a failure.
    reader
      .read()
      .then(({ done }) => (done ? undefined : reader.cancel()))
      .catch(() => undefined);
  }
}
