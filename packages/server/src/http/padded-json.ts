/**
 * JSON that takes minutes: clients give up when no header comes for five. After four, the answer begins with `200` and a space, and another space
 * follows now and then; JSON may have them. What fails then cannot become an error any more, so the connection breaks: a failure is never a 200.
 */

export interface PaddingRules {
  readonly paddingAfterMilliseconds: number;
  readonly beatMilliseconds: number;
}

/**
 * @param answer rejects with what is to be answered as an error.
 * @param breakOff ends the connection.
 * @returns the answer as it is, if it comes in time.
 */
export async function paddedJson(
  answer: Promise<{ readonly text: string; readonly headers: Readonly<Record<string, string>> }>,
  headersIfLate: Readonly<Record<string, string>>,
  { paddingAfterMilliseconds, beatMilliseconds }: PaddingRules,
  breakOff: (error: unknown) => void,
): Promise<Response> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), paddingAfterMilliseconds);
  });
  try {
    const inTime = await Promise.race([answer, late]);
    if (inTime) return new Response(inTime.text, { headers: inTime.headers });
  } finally {
    clearTimeout(timer);
  }
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    async start(controller) {
      const pad = (): void => controller.enqueue(encoder.encode(' '));
      pad();
      const beat = setInterval(pad, beatMilliseconds);
      try {
        const { text } = await answer;
        controller.enqueue(encoder.encode(text));
        controller.close();
      } catch (error) {
        breakOff(error);
      } finally {
        clearInterval(beat);
      }
    },
  });
  return new Response(body, { headers: headersIfLate });
}
