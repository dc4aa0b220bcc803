const LARGEST = 64 * 1024;

/** The body as JSON: {} if it is empty, undefined if it is not an object or is too large. */
export async function readJson(request) {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) {
    text += chunk;
    if (text.length > LARGEST) return undefined;
  }
  if (text === '') return {};
  try {
    const value = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
