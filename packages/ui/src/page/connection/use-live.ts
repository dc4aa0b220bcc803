import { useEffect, useState } from 'preact/hooks';
import { listen } from './server-events.ts';

export interface Live<T> {
  /** The newest state; absent until the first one has arrived. */
  readonly state?: T;
  readonly problem?: string;
}

/** Follows a state of the server. @param path of its events. */
export function useLive<T>(path: string): Live<T> {
  const [live, setLive] = useState<Live<T>>({});
  useEffect(() => {
    const stop = new AbortController();
    setLive({});
    const onState = (state: T): void => setLive({ state });
    const onProblem = (problem: string): void => setLive((last) => ({ ...last, problem }));
    void listen<T>(path, { onState, onProblem }, stop.signal);
    return () => stop.abort();
  }, [path]);
  return live;
}

/** The time, in milliseconds since the epoch, every second. */
export function useNow(): number {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return now;
}
