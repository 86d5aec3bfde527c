/** The page "Will it run here?" for the tests of it. */
import type { BrowserContextOptions, Page } from 'playwright-core';
import { type OpenedPage, usePages } from './pages.ts';

export const TIMEOUT = { timeout: 200_000 };

/** @returns what opens the page. */
export function useDoctorPage() {
  const openPage = usePages();
  return (options?: BrowserContextOptions, script?: string): Promise<OpenedPage> =>
    openPage('/doctor/index.html', options, script);
}

/** What the verdict amounts to. */
export const level = (page: Page) => page.locator('#verdict').getAttribute('data-level');
export const whenExamined = (page: Page) => page.locator('#verdict[data-busy=false]').waitFor(TIMEOUT);
