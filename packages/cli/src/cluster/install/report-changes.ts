import { type Context, print, printJson } from '../../context.ts';
import type { Change } from './installer.ts';

export interface ReportOptions {
  readonly json?: true;
  /** Whether the API server checked the objects without storing them. */
  readonly dryRun?: boolean;
}

/** Prints what happened to each object as soon as it is done: a line of text, or a line of JSON. */
export async function reportChanges(
  context: Context,
  changes: AsyncIterable<Change>,
  { json, dryRun = false }: ReportOptions,
): Promise<void> {
  for await (const { object, done } of changes) {
    const { apiVersion, kind, metadata } = object;
    const { name, namespace } = metadata;
    if (json) printJson(context, { apiVersion, kind, name, namespace, done, dryRun }, 0);
    else print(context, `${kind} ${name} ${done.replace('-', ' ')}${dryRun ? ' (dry run)' : ''}`);
  }
}
