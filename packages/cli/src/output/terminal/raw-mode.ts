import { entryOf } from '@agentteam/local';
import type { Context } from '../../context.ts';

/** Milliseconds after which a job in the background checks whether it is in the foreground again. */
const RETRY_MS = 500;

export const CTRL_Z = '\u001a';

export interface RawMode {
  /** Suspends the job, as Ctrl-Z does where the terminal sends a signal instead of the key. */
  suspend(): void;
  /** Restores the terminal. */
  end(): void;
}

/**
 * Reads single keys from a terminal, in which Ctrl-Z then sends no signal. A job that a shell has suspended, or that
 * runs in the background, leaves the terminal to the shell; reading from it or changing it would suspend the job again.
 * @param listeners `onLeave` is called before a key suspends the job, `onContinue` when keys are read again.
 */
export function rawMode(
  input: Context['in'],
  { onLeave, onContinue }: Readonly<Record<'onLeave' | 'onContinue', () => void>>,
): RawMode {
  let retry: NodeJS.Timeout | undefined;
  const enter = (): void => {
    // A shell may have changed the mode without Node's knowledge.
    input.setRawMode(false);
    input.setRawMode(true);
    input.resume();
  };
  const goOn = (): void => {
    clearTimeout(retry);
    if (isInForeground()) {
      enter();
      onContinue();
    } else {
      input.pause();
      retry = setTimeout(goOn, RETRY_MS);
    }
  };
  process.on('SIGCONT', goOn);
  if (isInForeground()) enter();
  else goOn();
  return {
    suspend() {
      onLeave();
      input.pause();
      input.setRawMode(false);
      // The programs that started this one, such as npm, are in the same job.
      process.kill(0, 'SIGTSTP');
      // Without a shell that could continue it, the system does not suspend a job.
      retry = setTimeout(goOn);
    },
    end() {
      clearTimeout(retry);
      process.off('SIGCONT', goOn);
      if (isInForeground()) input.setRawMode(false);
      input.pause();
    },
  };
}

/** Whether the terminal belongs to this job. Assumed on macOS, which does not say. */
function isInForeground(): boolean {
  const own = entryOf(process.pid);
  return own === undefined || own.terminalGroup === own.group || own.terminalGroup === -1;
}
