/** The events of a stream of the Messages API, in order. */
export function readEvents(body: string): readonly Record<string, unknown>[] {
  return body
    .split('\n\n')
    .filter((event) => event !== '')
    .map((event) => {
      const [, name, data = ''] = /^event: (.+)\ndata: (.+)$/.exec(event) ?? [];
      const value = JSON.parse(data) as Record<string, unknown>;
      if (value['type'] !== name) throw new Error(`${name} carries ${data}`);
      return value;
    });
}
