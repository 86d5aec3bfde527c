export type SoftwareDriver = 'lavapipe' | 'swiftshader';
export function softwareDrivers(): SoftwareDriver[];
export function useSoftwareDriver(driver: SoftwareDriver): void;
export function availableAdapters(): (SoftwareDriver | 'system')[];
export function ensureVulkan(): void;
export function findsAdapter(question: string, env: Readonly<Record<string, string>>): boolean;
