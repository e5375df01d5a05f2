/* glibc's allocator: its settings, made before `main` runs, and a thread that gives free memory back to the system.

   By default glibc keeps an arena for each thread, and learns from the first freed picture to keep pictures in them. With one arena for all
   threads a clip is read as fast, and less is kept. What is free in the middle of that arena is still kept until somebody asks for it
   to be given back: after one job the window held 235 MiB of its own, of which 115 were free (mimalloc held 237).
   Rust has no safe call for any of this, and unsafe code is forbidden in this crate. */

#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

/* What is free can be asked for from glibc 2.33 on. */
#if __GLIBC_PREREQ(2, 33)
#define CAN_GIVE_BACK
static const unsigned int LOOK_SECONDS = 5;
/* Less than this is not worth a look at every page. */
static const size_t WORTH_BYTES = 8 * 1024 * 1024;
/* The heap rests where no more than this was taken or freed between two looks: in the middle of a job pages would be needed again. */
static const size_t REST_BYTES = 1024 * 1024;

static size_t distance(size_t a, size_t b) { return a > b ? a - b : b - a; }

static void *give_back(void *unused) {
    size_t before = 0, given_back = 0;
    (void)unused;
    for (;;) {
        sleep(LOOK_SECONDS);
        size_t free_bytes = mallinfo2().fordblks;
        /* What was given back counts as free still: only a change is worth another try. */
        if (distance(free_bytes, before) <= REST_BYTES && distance(free_bytes, given_back) > WORTH_BYTES) {
            malloc_trim(0);
            given_back = free_bytes;
        }
        before = free_bytes;
    }
    return NULL;
}
#endif

__attribute__((constructor)) static void set_up_heap(void) {
    mallopt(M_ARENA_MAX, 1);
    /* Larger blocks get a mapping of their own, which goes back to the system when it is freed. Setting it keeps glibc from raising it. */
    mallopt(M_MMAP_THRESHOLD, 2 * 1024 * 1024);
    /* So much free memory stays at the arena's end; the rest goes back to the system. */
    mallopt(M_TRIM_THRESHOLD, 8 * 1024 * 1024);
#ifdef CAN_GIVE_BACK
    pthread_t thread;
    sigset_t all, former;
    /* Signals are for the program's own threads. Without the thread everything works, with more memory. */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &former);
    if (pthread_create(&thread, NULL, give_back, NULL) == 0) pthread_detach(thread);
    pthread_sigmask(SIG_SETMASK, &former, NULL);
#endif
}
