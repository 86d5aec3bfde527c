/*
 * A Vulkan layer for a device that can compile but not run: commands are not recorded and submissions succeed
 * at once, so that an application believes in the device, while pipelines still reach the real driver's compiler.
 *
 * Build: cc -shared -fPIC -O2 -o libcompile_only.so compile_only.c
 */
#include <stdint.h>
#include <string.h>
#include <vulkan/vk_layer.h>
#include <vulkan/vulkan.h>

static PFN_vkGetInstanceProcAddr next_instance_proc;
static PFN_vkGetDeviceProcAddr next_device_proc;

/* What stands in for the calls that would reach the hardware. */
static void VKAPI_CALL record_nothing(void) {}
static VkResult VKAPI_CALL succeed(void) { return VK_SUCCESS; }

static VkResult VKAPI_CALL read_zero_queries(VkDevice device, VkQueryPool pool, uint32_t first, uint32_t count,
                                             size_t byte_length, void *data, VkDeviceSize stride,
                                             VkQueryResultFlags flags) {
  memset(data, 0, byte_length);
  return VK_SUCCESS;
}

/* Any value that a caller may wait for has been reached. */
static VkResult VKAPI_CALL read_reached_semaphore(VkDevice device, VkSemaphore semaphore, uint64_t *value) {
  *value = UINT64_MAX / 2;
  return VK_SUCCESS;
}

struct replacement {
  const char *name;
  PFN_vkVoidFunction function;
};

#define REPLACE(name, function) {name, (PFN_vkVoidFunction)(function)}
static const struct replacement REPLACEMENTS[] = {
    REPLACE("vkBeginCommandBuffer", succeed),
    REPLACE("vkEndCommandBuffer", succeed),
    REPLACE("vkResetCommandBuffer", succeed),
    REPLACE("vkResetCommandPool", succeed),
    REPLACE("vkQueueSubmit", succeed),
    REPLACE("vkQueueSubmit2", succeed),
    REPLACE("vkQueueSubmit2KHR", succeed),
    REPLACE("vkQueueBindSparse", succeed),
    REPLACE("vkQueueWaitIdle", succeed),
    REPLACE("vkDeviceWaitIdle", succeed),
    REPLACE("vkGetFenceStatus", succeed),
    REPLACE("vkWaitForFences", succeed),
    REPLACE("vkWaitSemaphores", succeed),
    REPLACE("vkWaitSemaphoresKHR", succeed),
    REPLACE("vkGetSemaphoreCounterValue", read_reached_semaphore),
    REPLACE("vkGetSemaphoreCounterValueKHR", read_reached_semaphore),
    REPLACE("vkGetQueryPoolResults", read_zero_queries),
};

static PFN_vkVoidFunction replacement_of(const char *name) {
  if (strncmp(name, "vkCmd", 5) == 0) return (PFN_vkVoidFunction)record_nothing;
  for (size_t i = 0; i < sizeof REPLACEMENTS / sizeof *REPLACEMENTS; i++) {
    if (strcmp(name, REPLACEMENTS[i].name) == 0) return REPLACEMENTS[i].function;
  }
  return NULL;
}

/* The loader passes what comes after this layer in the pNext chain; the layer takes its own link out of it. */
static VkResult VKAPI_CALL create_instance(const VkInstanceCreateInfo *info, const VkAllocationCallbacks *allocator,
                                           VkInstance *instance) {
  VkLayerInstanceCreateInfo *link = (VkLayerInstanceCreateInfo *)info->pNext;
  while (link != NULL && !(link->sType == VK_STRUCTURE_TYPE_LOADER_INSTANCE_CREATE_INFO &&
                           link->function == VK_LAYER_LINK_INFO)) {
    link = (VkLayerInstanceCreateInfo *)link->pNext;
  }
  if (link == NULL) return VK_ERROR_INITIALIZATION_FAILED;
  next_instance_proc = link->u.pLayerInfo->pfnNextGetInstanceProcAddr;
  link->u.pLayerInfo = link->u.pLayerInfo->pNext;
  return ((PFN_vkCreateInstance)next_instance_proc(NULL, "vkCreateInstance"))(info, allocator, instance);
}

static VkResult VKAPI_CALL create_device(VkPhysicalDevice physical, const VkDeviceCreateInfo *info,
                                         const VkAllocationCallbacks *allocator, VkDevice *device) {
  VkLayerDeviceCreateInfo *link = (VkLayerDeviceCreateInfo *)info->pNext;
  while (link != NULL && !(link->sType == VK_STRUCTURE_TYPE_LOADER_DEVICE_CREATE_INFO &&
                           link->function == VK_LAYER_LINK_INFO)) {
    link = (VkLayerDeviceCreateInfo *)link->pNext;
  }
  if (link == NULL) return VK_ERROR_INITIALIZATION_FAILED;
  PFN_vkGetInstanceProcAddr instance_proc = link->u.pLayerInfo->pfnNextGetInstanceProcAddr;
  next_device_proc = link->u.pLayerInfo->pfnNextGetDeviceProcAddr;
  link->u.pLayerInfo = link->u.pLayerInfo->pNext;
  return ((PFN_vkCreateDevice)instance_proc(NULL, "vkCreateDevice"))(physical, info, allocator, device);
}

static PFN_vkVoidFunction VKAPI_CALL get_device_proc(VkDevice device, const char *name) {
  if (strcmp(name, "vkGetDeviceProcAddr") == 0) return (PFN_vkVoidFunction)get_device_proc;
  PFN_vkVoidFunction next = next_device_proc(device, name);
  if (next == NULL) return NULL; /* What the driver lacks is not there. */
  PFN_vkVoidFunction own = replacement_of(name);
  return own != NULL ? own : next;
}

static PFN_vkVoidFunction VKAPI_CALL get_instance_proc(VkInstance instance, const char *name) {
  if (strcmp(name, "vkGetInstanceProcAddr") == 0) return (PFN_vkVoidFunction)get_instance_proc;
  if (strcmp(name, "vkGetDeviceProcAddr") == 0) return (PFN_vkVoidFunction)get_device_proc;
  if (strcmp(name, "vkCreateInstance") == 0) return (PFN_vkVoidFunction)create_instance;
  if (strcmp(name, "vkCreateDevice") == 0) return (PFN_vkVoidFunction)create_device;
  PFN_vkVoidFunction next = next_instance_proc(instance, name);
  if (next == NULL) return NULL;
  PFN_vkVoidFunction own = replacement_of(name);
  return own != NULL ? own : next;
}

VKAPI_ATTR VkResult VKAPI_CALL vkNegotiateLoaderLayerInterfaceVersion(VkNegotiateLayerInterface *interface) {
  interface->loaderLayerInterfaceVersion = 2;
  interface->pfnGetInstanceProcAddr = get_instance_proc;
  interface->pfnGetDeviceProcAddr = get_device_proc;
  interface->pfnGetPhysicalDeviceProcAddr = NULL;
  return VK_SUCCESS;
}
