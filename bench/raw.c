/* The same directory work without a portal: persistent or fresh StartTLS connections, one per thread.

   Reads from standard input, one a line: mode (reset or change), address, CA file, service DN, its password, threads,
   seconds, mark; then people, as password, tab, DN. A reset is a password-modify operation by the service account on a
   connection that stays open; a change is connect, bind as the person, password-modify, unbind. Number n of all done
   sets the password "mark-n" of person n modulo the number of people.
   Writes: operations, failures, seconds, processor seconds. */

#include <ldap.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

enum { LINE = 512, MOST_THREADS = 64, MOST_PEOPLE = 20000 };

static char mode[LINE], url[LINE], ca[LINE], service[LINE], secret[LINE], mark[LINE];
static char *people[MOST_PEOPLE], *passwords[MOST_PEOPLE];
static int count, threads;
static double seconds;
static atomic_int next, done, failed;
static double ends;
static pthread_barrier_t begin;

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int read_line(char *into)
{
    if (!fgets(into, LINE, stdin))
        return 0;
    into[strcspn(into, "\n")] = 0;
    return 1;
}

static LDAP *sign_in(const char *dn, const char *password)
{
    LDAP *ld = NULL;
    int version = LDAP_VERSION3;
    struct berval given = {strlen(password), (char *)password};
    if (ldap_initialize(&ld, url) != LDAP_SUCCESS)
        return NULL;
    ldap_set_option(ld, LDAP_OPT_PROTOCOL_VERSION, &version);
    if ((strncmp(url, "ldap://", 7) == 0 && ldap_start_tls_s(ld, NULL, NULL) != LDAP_SUCCESS) ||
        ldap_sasl_bind_s(ld, dn, LDAP_SASL_SIMPLE, &given, NULL, NULL, NULL) != LDAP_SUCCESS) {
        ldap_unbind_ext_s(ld, NULL, NULL);
        return NULL;
    }
    return ld;
}

static int set_password(LDAP *ld, const char *dn, char *password)
{
    struct berval who = {dn ? strlen(dn) : 0, (char *)dn}, new = {strlen(password), password}, made = {0, NULL};
    int code = ldap_passwd_s(ld, dn ? &who : NULL, NULL, &new, &made, NULL, NULL);
    ber_memfree(made.bv_val);
    return code == LDAP_SUCCESS;
}

static int once(LDAP *ld, int turn)
{
    char password[LINE + 32];
    const char *dn = people[turn % count];
    snprintf(password, sizeof password, "%s-%d", mark, turn);
    if (ld)
        return set_password(ld, dn, password);
    if (!(ld = sign_in(dn, passwords[turn % count])))
        return 0;
    int right = set_password(ld, NULL, password);
    ldap_unbind_ext_s(ld, NULL, NULL);
    return right;
}

static void *work(void *unused)
{
    int resets = strcmp(mode, "reset") == 0;
    LDAP *ld = resets ? sign_in(service, secret) : NULL;
    (void)unused;
    pthread_barrier_wait(&begin);
    pthread_barrier_wait(&begin);
    while (now() < ends && (!resets || ld)) {
        int turn = atomic_fetch_add(&next, 1);
        if (!resets && turn >= count) /* everybody has a new password that nobody here remembers */
            break;
        atomic_fetch_add(once(ld, turn) ? &done : &failed, 1);
    }
    if (resets && !ld)
        atomic_fetch_add(&failed, 1);
    if (ld)
        ldap_unbind_ext_s(ld, NULL, NULL);
    return NULL;
}

static double processor_seconds(void)
{
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
           (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

int main(void)
{
    char number[LINE], person[LINE];
    pthread_t running[MOST_THREADS];
    if (!read_line(mode) || !read_line(url) || !read_line(ca) || !read_line(service) || !read_line(secret) ||
        !read_line(number) || (threads = atoi(number)) < 1 || threads > MOST_THREADS || !read_line(number) ||
        (seconds = atof(number)) <= 0 || !read_line(mark))
        return 2;
    while (count < MOST_PEOPLE && read_line(person)) {
        passwords[count] = strdup(strtok(person, "\t"));
        people[count++] = strdup(strtok(NULL, "\t"));
    }
    if (count == 0)
        return 2;
    ldap_set_option(NULL, LDAP_OPT_X_TLS_CACERTFILE, ca);
    pthread_barrier_init(&begin, NULL, (unsigned)threads + 1);
    for (int i = 0; i < threads; i++)
        pthread_create(&running[i], NULL, work, NULL);
    pthread_barrier_wait(&begin);
    double began = now(), used = processor_seconds();
    ends = began + seconds;
    pthread_barrier_wait(&begin);
    for (int i = 0; i < threads; i++)
        pthread_join(running[i], NULL);
    printf("%d %d %f %f\n", done, failed, now() - began, processor_seconds() - used);
    return 0;
}
