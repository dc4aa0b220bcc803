/** Values for the variables in a team's texts, which have the form of Go templates: `teams/{{.TeamName}}`. */
export interface TemplateValues {
  readonly TeamName: string;
  readonly Namespace: string;
}

export const TEMPLATE_VARIABLES = ['TeamName', 'Namespace'] as const;

const PLACEHOLDER = /\{\{([^{}]*)\}\}/g;

/** @param inner between the braces. */
function nameIn(inner: string): string {
  return inner.trim().replace(/^\./, '');
}

/** The names in `{{…}}` that are not variables. */
export function unknownVariables(text: string): readonly string[] {
  return [...text.matchAll(PLACEHOLDER)]
    .map(([, inner = '']) => nameIn(inner))
    .filter((name) => !TEMPLATE_VARIABLES.includes(name as keyof TemplateValues));
}

export function expandTemplate(text: string, values: TemplateValues): string {
  return text.replace(PLACEHOLDER, (whole, inner: string) => {
    const name = nameIn(inner);
    return Object.hasOwn(values, name) ? values[name as keyof TemplateValues] : whole;
  });
}
