/**
 * A spec as JSON that arrives as it was sent. Argo substitutes `{{…}}` wherever it finds it, and
 * more than once; Kubernetes expands `$(NAME)` in environment variables. Neither sees anything here:
 * in JSON both can be written with an escape that only `JSON.parse` undoes.
 */
export function specJson(spec: object): string {
  return JSON.stringify(spec).replaceAll('{{', '{\\u007b').replaceAll('$(', '\\u0024(');
}
