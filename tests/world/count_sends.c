/* An outside counter for LD_PRELOAD: what each rank sends, per communicator and receiver, as MPI sees it.
 *
 * It stands between mpi4py and MPI (the profiling interface) and knows nothing of frames and ledgers. At
 * MPI_Finalize each rank writes lines "name of communicator, receiver, bytes, messages" to $COUNT_SENDS.<rank>.
 */
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>

#define MAX_LINKS 1024

static struct link {
    MPI_Comm comm;
    char name[MPI_MAX_OBJECT_NAME];
    int receiver;
    long long bytes, messages;
} links[MAX_LINKS];
static int known;

static struct link *find(MPI_Comm comm, int receiver) {
    for (int i = 0; i < known; i++)
        if (links[i].comm == comm && links[i].receiver == receiver) return &links[i];
    if (known == MAX_LINKS) abort();
    struct link *link = &links[known++];
    int length;
    link->comm = comm;
    link->receiver = receiver;
    PMPI_Comm_get_name(comm, link->name, &length);
    return link;
}

static void count(long long items, MPI_Datatype type, int receiver, MPI_Comm comm) {
    int size;
    PMPI_Type_size(type, &size);
    struct link *link = find(comm, receiver);
    link->bytes += items * size;
    link->messages++;
}

int MPI_Send(const void *data, int items, MPI_Datatype type, int receiver, int tag, MPI_Comm comm) {
    count(items, type, receiver, comm);
    return PMPI_Send(data, items, type, receiver, tag, comm);
}

int MPI_Isend(const void *data, int items, MPI_Datatype type, int receiver, int tag, MPI_Comm comm,
              MPI_Request *request) {
    count(items, type, receiver, comm);
    return PMPI_Isend(data, items, type, receiver, tag, comm, request);
}

#if MPI_VERSION >= 4 /* the same with large counts, which mpi4py prefers */
int MPI_Send_c(const void *data, MPI_Count items, MPI_Datatype type, int receiver, int tag, MPI_Comm comm) {
    count(items, type, receiver, comm);
    return PMPI_Send_c(data, items, type, receiver, tag, comm);
}

int MPI_Isend_c(const void *data, MPI_Count items, MPI_Datatype type, int receiver, int tag, MPI_Comm comm,
                MPI_Request *request) {
    count(items, type, receiver, comm);
    return PMPI_Isend_c(data, items, type, receiver, tag, comm, request);
}
#endif

int MPI_Finalize(void) {
    int rank;
    char path[4096];
    PMPI_Comm_rank(MPI_COMM_WORLD, &rank);
    snprintf(path, sizeof path, "%s.%d", getenv("COUNT_SENDS"), rank);
    FILE *file = fopen(path, "w");
    if (!file) abort();
    for (int i = 0; i < known; i++)
        fprintf(file, "%s,%d,%lld,%lld\n", links[i].name, links[i].receiver, links[i].bytes, links[i].messages);
    fclose(file);
    return PMPI_Finalize();
}
