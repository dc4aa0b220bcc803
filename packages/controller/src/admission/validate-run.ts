import { type CompileOptions, checkRun, compile, teamOfRun } from '@agentteam/compiler';
import { authorOf } from '../approvals/author.ts';
import { invalid, isSpecUnchanged, withoutServerFields } from './object.ts';
import { refuseUnapprovable } from './refuse-unapprovable.ts';
import { type AdmissionRequest, ALLOWED, type Verdict, withWarnings } from './review.ts';
import type { ReadTemplate } from './template-reader.ts';
import { gatesOf } from './validate-team.ts';

/**
 * Refuses a run that does not make a valid team. A run whose template does not exist is allowed, and
 * waits for the template.
 */
export async function validateRun(
  request: AdmissionRequest,
  readTemplate: ReadTemplate,
  options: CompileOptions,
): Promise<Verdict> {
  if (isSpecUnchanged(request)) return ALLOWED;
  const { object } = request;
  const { run, problems } = checkRun(withoutServerFields(object));
  if (run === undefined) return invalid(object, problems);
  const { namespace = '' } = object.metadata;
  const template = await readTemplate(namespace, run.spec.templateRef.name);
  if (template === undefined) return ALLOWED;
  const merged = teamOfRun(template, run);
  if (merged.team === undefined) return invalid(object, merged.problems);
  const compiled = compile(merged.team, options);
  if (compiled.problems.length > 0) return invalid(object, compiled.problems);
  const authors = [authorOf(request.userInfo.username)];
  const verdict = refuseUnapprovable(object, gatesOf(merged.team.spec), authors);
  return withWarnings(verdict, compiled.warnings);
}
