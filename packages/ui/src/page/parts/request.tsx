import type { JSX } from 'preact';
import { useState } from 'preact/hooks';

interface Result {
  readonly text: string;
  readonly isError: boolean;
}

/** Shows how a request ended. */
export function Outcome({ result }: { result: Result | undefined }): JSX.Element | null {
  if (result === undefined) return null;
  return result.isError ? (
    <p class="alert" role="alert">
      {result.text}
    </p>
  ) : (
    <p role="status">{result.text}</p>
  );
}

/** Runs one request at a time, and keeps its outcome. The server acts with the caller's identity. */
export function useRequest(): {
  readonly isBusy: boolean;
  readonly result: Result | undefined;
  readonly run: (work: () => Promise<string | undefined>, done: string) => Promise<boolean>;
} {
  const [isBusy, setBusy] = useState(false);
  const [result, setResult] = useState<Result>();
  return {
    isBusy,
    result,
    run: async (work, done) => {
      setBusy(true);
      setResult(undefined);
      let isDone = false;
      try {
        const note = await work();
        setResult({ text: note ? `${done} Note: ${note}` : done, isError: false });
        isDone = true;
      } catch (error) {
        setResult({ text: (error as Error).message, isError: true });
      }
      setBusy(false);
      return isDone;
    },
  };
}
