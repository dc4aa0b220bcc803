import { type Logger as PinoLogger, pino } from 'pino';

export type Logger = PinoLogger;

/**
 * JSON lines on stdout. What is logged is counted, timed or decided here: never a header, a token, an
 * address that an agent asked for, or anything of a request's or reply's text.
 */
export function makeLogger(team: string, agent: string): Logger {
  return pino({
    base: { team, agent },
    formatters: { level: (label) => ({ level: label }) },
    timestamp: pino.stdTimeFunctions.isoTime,
  });
}

/** What may be said of an error: the code of a system or connection error, else only its kind. */
export function errorReason(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  const { code } = error as NodeJS.ErrnoException;
  return typeof code === 'string' ? code : error.name;
}
