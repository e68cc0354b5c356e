/* Mutexes in the simulation: who holds one is not preempted, for there is one real thread; who lets go of one may be.
 *
 * The linker gives us the calls (--wrap, in meson.build). */
#include <pthread.h>

#include "base/must.h"
#include "loop/sim/sim_state.h"

int __real_pthread_mutex_unlock(pthread_mutex_t *mutex);
int __wrap_pthread_mutex_lock(pthread_mutex_t *mutex);
int __wrap_pthread_mutex_unlock(pthread_mutex_t *mutex);

int __wrap_pthread_mutex_lock(pthread_mutex_t *mutex) {
    must(pthread_mutex_trylock(mutex) == 0); /* else it would be waited for for ever */
    sim_of_thread()->locks++;
    return 0;
}

int __wrap_pthread_mutex_unlock(pthread_mutex_t *mutex) {
    struct sim *sim = sim_of_thread();
    sim->locks--;
    int result = __real_pthread_mutex_unlock(mutex);
    sim_preempt(sim);
    return result;
}
