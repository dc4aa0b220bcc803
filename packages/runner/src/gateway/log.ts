import { jsonText } from '@agentteam/text';

type Fields = { readonly event: string } & Readonly<Record<string, unknown>>;
type Write = (fields: Fields) => void;

export interface Logger {
  readonly info: Write;
  readonly warn: Write;
  readonly error: Write;
}

/**
 * Writes JSON lines to stdout. Log counts, times and decisions only, and never a header, a token, a URL
 * that the agent requested, or text of a request or reply.
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

/** What may be logged of an error: the code of a system or connection error, otherwise its name. */
export function errorReason(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  const { code } = error as NodeJS.ErrnoException;
  return typeof code === 'string' ? code : error.name;
}
