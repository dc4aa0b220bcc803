import { type Context, print, printJson } from '../../context.ts';
import type { Change } from './installer.ts';

export interface ReportOptions {
  readonly json?: true;
  /** The server did all but keep it. */
  readonly dryRun?: boolean;
}

/** Says of each object what became of it, as it becomes so: a line, or a JSON object on each line. */
export async function reportChanges(
  context: Context,
  changes: AsyncIterable<Change>,
  { json, dryRun = false }: ReportOptions,
): Promise<void> {
  for await (const { object, done } of changes) {
    const { apiVersion, kind, metadata } = object;
    const { name, namespace } = metadata;
    if (json) printJson(context, { apiVersion, kind, name, namespace, done, dryRun }, 0);
    else print(context, `${kind} ${name} ${done}${dryRun ? ' (dry run)' : ''}`);
  }
}
