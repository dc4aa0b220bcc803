import { jsonText } from '@agentteam/text';

type Fields = { readonly event: string } & Readonly<Record<string, unknown>>;
type Write = (fields: Fields) => void;

export interface Logger {
  readonly info: Write;
  readonly warn: Write;
  readonly error: Write;
}

/**
 * JSON lines on stdout. What is logged is counted, timed or decided here: never a header, a token, an
 * address that an agent asked for, or anything of a request's or reply's text.
 */
export function makeLogger(team: string, agent: string): Logger {
  const at = (level: keyof Logger): Write => {
    return (fields) => {
      const time = new Date().toISOString();
      process.stdout.write(`${jsonText({ level, time, team, agent, ...fields })}\n`);
    };
  };
  return { info: at('info'), warn: at('warn'), error: at('error') };
}

/** What may be said of an error: the code of a system or connection error, else only its kind. */
export function errorReason(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  const { code } = error as NodeJS.ErrnoException;
  return typeof code === 'string' ? code : error.name;
}
