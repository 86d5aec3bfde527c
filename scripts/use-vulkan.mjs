/** `node --import ./scripts/use-vulkan.mjs FILE`: FILE finds a software adapter where the machine has no GPU. */
import { ensureVulkan } from './software-vulkan.mjs';

ensureVulkan();
