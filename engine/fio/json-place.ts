/** Where a text stops being JSON. JSON.parse does say it, but in words and positions that differ between Node 20, 22 and 24. */

type Wanted = 'value' | 'valueOrEnd' | 'key' | 'keyOrEnd' | 'colon' | 'commaOrEnd';

/** The offset of the first character that JSON does not allow there; the text's length when only its end is missing. */
export function firstJsonError(text: string): number {
  const token = /\s*(?:([{}[\]:,])|("(?:[^"\\\p{Cc}]|\\.)*")|-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?|true|false|null)/uy;
  const open: ('{' | '[')[] = [];
  let wanted: Wanted = 'value';
  for (;;) {
    const from = token.lastIndex;
    const match = token.exec(text);
    const start = from + (/^\s*/.exec(text.slice(from, from + 1000))?.[0].length ?? 0);
    if (match === null) return start;
    const [, sign, string] = match;
    const next = step(wanted, sign, string !== undefined, open);
    if (next === null) return start;
    if (next === 'commaOrEnd' && open.length === 0) return token.lastIndex;
    wanted = next;
  }
}

/** What may follow a token, or null when it may not stand there. `sign` is undefined for strings, numbers and words. */
function step(wanted: Wanted, sign: string | undefined, isString: boolean, open: ('{' | '[')[]): Wanted | null {
  const wantsValue = wanted === 'value' || wanted === 'valueOrEnd';
  if (sign === '{' || sign === '[') {
    if (!wantsValue) return null;
    open.push(sign);
    return sign === '{' ? 'keyOrEnd' : 'valueOrEnd';
  }
  if (sign === '}' || sign === ']') {
    const opener = sign === '}' ? '{' : '[';
    const mayEnd = wanted === 'commaOrEnd' || wanted === (sign === '}' ? 'keyOrEnd' : 'valueOrEnd');
    return mayEnd && open.pop() === opener ? 'commaOrEnd' : null;
  }
  if (sign === ':') return wanted === 'colon' ? 'value' : null;
  if (sign === ',') return wanted === 'commaOrEnd' ? (open.at(-1) === '{' ? 'key' : 'value') : null;
  if (wanted === 'key' || wanted === 'keyOrEnd') return isString ? 'colon' : null;
  return wantsValue ? 'commaOrEnd' : null;
}
