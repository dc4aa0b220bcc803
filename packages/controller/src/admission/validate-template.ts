import { type CompileOptions, checkTemplate } from '@agentteam/compiler';
import { invalid, isSpecUnchanged, withoutServerFields } from './object.ts';
import { type AdmissionRequest, ALLOWED, type Verdict } from './review.ts';

/** Refuses a template that is invalid, or that the administrators of the installation do not allow. */
export function validateTemplate(request: AdmissionRequest, options: CompileOptions): Verdict {
  if (isSpecUnchanged(request)) return ALLOWED;
  const { problems } = checkTemplate(withoutServerFields(request.object), options);
  return problems.length > 0 ? invalid(request.object, problems) : ALLOWED;
}
