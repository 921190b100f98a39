/* A camera that is not there, for the code that talks to real ones: preloaded, it answers for one V4L2 device.
 *
 *     cc -shared -fPIC -O2 -o v4l2.so v4l2.c -lpthread
 *     FAKECAM=folder LD_PRELOAD=./v4l2.so python -m realtime live 0
 *
 * The folder is the camera, and may change while it runs:
 *     modes        a line for each size, "640x480 YUYV 30 15": its form of pixels (YUYV or MJPG) and its frame rates, the
 *                  first of which is the default; read when it is opened
 *     640x480.YUYV the pictures of that size, raw YUYV 4:2:2, shown over and over; or 640x480.MJPG, one JPEG
 *     unplugged    while this file exists the device is gone, and what was open of it is dead for good
 *     stalled      while it exists no picture comes, and the program waits
 *     busy         while it exists another program has it
 *     forbidden    while it exists it may not be opened
 *     count        two 64-bit numbers: pictures handed out, and pictures lost because no buffer was free
 *
 * As in the kernel, a thread fills the queued buffers at the pace of the camera, one opener owns the queue, and select()
 * wakes when a picture waits or the cable is pulled. System calls are made directly: nothing else is in between.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/videodev2.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define DEVICE "/dev/video0"
#define HANDLES 16
#define BUFFERS 8
#define MODES 8
#define RATES 4

struct mode { int w, h, rates[RATES], count; unsigned form; char name[5]; };
struct handle { int fd, dead; };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct handle handles[HANDLES]; /* fd 0 marks a free place: stdin is never a camera */
static struct mode modes[MODES];
static int mode_count, mode, rate = 30;
static int owner, streaming, ticking;
static char *buffers[BUFFERS];
static int waiting[BUFFERS], waiting_count, filled[BUFFERS], filled_count;
static struct timeval filled_at[BUFFERS];
static char *film;
static long film_length, picture_index, sequence;
static size_t picture_size(void);
static uint64_t *counts;

static const char *path_of(const char *name) {
    static __thread char path[4096];
    snprintf(path, sizeof path, "%s/%s", getenv("FAKECAM"), name);
    return path;
}
static int flag(const char *name) { return syscall(SYS_access, path_of(name), F_OK) == 0; }
static int is_device(const char *path) { return path && getenv("FAKECAM") && strcmp(path, DEVICE) == 0; }
static int fail(int code) { errno = code; return -1; }
static int is_raw(void) { return modes[mode].form == V4L2_PIX_FMT_YUYV; }
static size_t frame_size(void) { return (size_t)modes[mode].w * modes[mode].h * 2; }

static struct handle *find(int fd) {
    for (int i = 0; fd > 0 && i < HANDLES; i++)
        if (handles[i].fd == fd) return &handles[i];
    return NULL;
}

static void *map_file(const char *name, int flags, int prot, int share, long *length) {
    int fd = syscall(SYS_openat, AT_FDCWD, path_of(name), flags | O_CLOEXEC, 0644);
    struct stat about;
    if (fd < 0) return NULL;
    if (flags & O_CREAT) (void)!ftruncate(fd, *length);
    fstat(fd, &about);
    *length = about.st_size;
    void *mapped = (void *)syscall(SYS_mmap, NULL, about.st_size, prot, share, fd, 0);
    syscall(SYS_close, fd);
    return mapped == MAP_FAILED ? NULL : mapped;
}

static void read_modes(void) {
    long length = 0;
    char *text = map_file("modes", O_RDONLY, PROT_READ, MAP_PRIVATE, &length), copy[1024] = "";
    if (!text) return;
    memcpy(copy, text, length < 1023 ? length : 1023);
    munmap(text, length);
    mode_count = mode = 0;
    for (char *rest = copy, *line; (line = strsep(&rest, "\n")) && mode_count < MODES;) {
        struct mode m = {0};
        m.count = sscanf(line, "%dx%d %4s %d %d %d %d", &m.w, &m.h, m.name, m.rates, m.rates + 1, m.rates + 2,
                         m.rates + 3) - 3;
        m.form = v4l2_fourcc(m.name[0], m.name[1], m.name[2], m.name[3]);
        if (m.count > 0) modes[mode_count++] = m;
    }
    rate = modes[0].rates[0];
}

static void load_film(void) {
    char name[64];
    if (film) munmap(film, film_length);
    snprintf(name, sizeof name, "%dx%d.%s", modes[mode].w, modes[mode].h, modes[mode].name);
    film = map_file(name, O_RDONLY, PROT_READ, MAP_PRIVATE, &film_length);
    picture_index = 0;
}

static size_t picture_size(void) { return is_raw() ? frame_size() : (size_t)film_length; }
static void stop(void) { streaming = waiting_count = filled_count = 0; }

static void fill_one(void) {
    if (!waiting_count) { counts[1]++; return; }
    int i = waiting[0];
    struct timespec now;
    uint64_t one = 1;
    memmove(waiting, waiting + 1, --waiting_count * sizeof(int));
    memcpy(buffers[i], film + picture_index++ % (film_length / picture_size()) * picture_size(), picture_size());
    clock_gettime(CLOCK_MONOTONIC, &now);
    filled_at[i] = (struct timeval){now.tv_sec, now.tv_nsec / 1000};
    filled[filled_count++] = i;
    (void)!write(owner, &one, 8);
}

static void pull_the_cable(void) {
    uint64_t one = 1;
    for (int i = 0; i < HANDLES; i++)
        if (handles[i].fd) {
            handles[i].dead = 1;
            (void)!write(handles[i].fd, &one, 8); /* wakes who waits */
        }
    stop();
}

static void *tick(void *nothing) {
    struct timespec next;
    clock_gettime(CLOCK_MONOTONIC, &next);
    for (;;) {
        long step = 1000000000L / rate;
        next.tv_nsec += step;
        next.tv_sec += next.tv_nsec / 1000000000L;
        next.tv_nsec %= 1000000000L;
        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL);
        pthread_mutex_lock(&lock);
        if (flag("unplugged")) pull_the_cable();
        else if (streaming && film && !flag("stalled")) fill_one();
        pthread_mutex_unlock(&lock);
    }
    return nothing;
}

static int open_device(int flags) {
    pthread_t thread;
    long length = 16;
    int place = 0;
    if (flag("unplugged")) return fail(ENOENT);
    if (flag("forbidden")) return fail(EACCES);
    pthread_mutex_lock(&lock);
    while (place < HANDLES && handles[place].fd) place++;
    if (place == HANDLES) { pthread_mutex_unlock(&lock); return fail(ENFILE); }
    if (!owner) read_modes();
    if (!counts) counts = map_file("count", O_RDWR | O_CREAT, PROT_READ | PROT_WRITE, MAP_SHARED, &length);
    int fd = eventfd(0, EFD_NONBLOCK | EFD_SEMAPHORE | (flags & O_CLOEXEC ? EFD_CLOEXEC : 0));
    handles[place] = (struct handle){fd, 0};
    if (!ticking++) pthread_create(&thread, NULL, tick, NULL);
    pthread_mutex_unlock(&lock);
    return fd;
}

static int open_any(const char *path, int flags, mode_t rights) {
    return is_device(path) ? open_device(flags) : (int)syscall(SYS_openat, AT_FDCWD, path, flags, rights);
}
#define OPEN(name)                                                                     \
    int name(const char *path, int flags, ...) {                                       \
        va_list rest;                                                                  \
        va_start(rest, flags);                                                         \
        mode_t rights = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0;      \
        va_end(rest);                                                                  \
        return open_any(path, flags, rights);                                          \
    }
OPEN(open)
OPEN(open64)

int close(int fd) {
    pthread_mutex_lock(&lock);
    struct handle *h = find(fd);
    if (h) {
        h->fd = 0;
        if (owner == fd) { stop(); owner = 0; }
    }
    pthread_mutex_unlock(&lock);
    return syscall(SYS_close, fd);
}

int access(const char *path, int rights) {
    if (!is_device(path)) return syscall(SYS_access, path, rights);
    if (flag("unplugged")) return fail(ENOENT);
    return flag("forbidden") && rights != F_OK ? fail(EACCES) : 0;
}

static int about_device(struct stat *about) {
    memset(about, 0, sizeof *about);
    about->st_mode = S_IFCHR | 0660;
    return flag("unplugged") ? fail(ENOENT) : 0;
}
int stat(const char *path, struct stat *about) {
    return is_device(path) ? about_device(about) : (int)syscall(SYS_newfstatat, AT_FDCWD, path, about, 0);
}
int stat64(const char *path, struct stat64 *about) { return stat(path, (struct stat *)about); }

void *mmap(void *at, size_t length, int prot, int flags, int fd, off_t offset) {
    pthread_mutex_lock(&lock);
    int i = find(fd) ? (int)(offset / 4096) : -1;
    if (i >= 0) prot |= PROT_WRITE, flags = MAP_PRIVATE | MAP_ANONYMOUS, fd = -1, offset = 0; /* we fill it */
    void *mapped = (void *)syscall(SYS_mmap, at, length, prot, flags, fd, offset);
    if (i >= 0 && i < BUFFERS) buffers[i] = mapped;
    pthread_mutex_unlock(&lock);
    return mapped;
}
void *mmap64(void *at, size_t length, int prot, int flags, int fd, off_t offset) {
    return mmap(at, length, prot, flags, fd, offset);
}

static void tell_format(struct v4l2_pix_format *p) {
    *p = (struct v4l2_pix_format){.width = modes[mode].w, .height = modes[mode].h, .pixelformat = modes[mode].form,
                                  .field = V4L2_FIELD_NONE, .bytesperline = is_raw() ? modes[mode].w * 2 : 0,
                                  .sizeimage = frame_size(), .colorspace = V4L2_COLORSPACE_SRGB};
}

static int set_format(int fd, struct v4l2_pix_format *p) {
    if (flag("busy") || (owner && owner != fd)) return fail(EBUSY);
    int best = 0, apart = -1;
    for (int i = 0; i < mode_count; i++) { /* drivers give what is nearest, and what they know if the form is strange */
        int d = abs(modes[i].w - (int)p->width) + abs(modes[i].h - (int)p->height);
        if (modes[i].form != p->pixelformat) d += 100000;
        if (apart < 0 || d < apart) best = i, apart = d;
    }
    if (best != mode) mode = best, rate = modes[mode].rates[0];
    tell_format(p);
    return 0;
}

static int set_rate(struct v4l2_fract *t) {
    int asked = t->numerator ? t->denominator / t->numerator : 0;
    rate = modes[mode].rates[0];
    for (int i = 0; asked && i < modes[mode].count; i++)
        if (abs(modes[mode].rates[i] - asked) < abs(rate - asked)) rate = modes[mode].rates[i];
    *t = (struct v4l2_fract){1, rate};
    return 0;
}

static int tell_size(struct v4l2_frmsizeenum *f) {
    int skip = f->index;
    for (int i = 0; i < mode_count; i++)
        if (modes[i].form == f->pixel_format && skip-- == 0) {
            f->type = V4L2_FRMSIZE_TYPE_DISCRETE;
            f->discrete.width = modes[i].w;
            f->discrete.height = modes[i].h;
            return 0;
        }
    return fail(EINVAL);
}

static int tell_rate(struct v4l2_frmivalenum *f) {
    for (int i = 0; i < mode_count; i++)
        if (modes[i].form == f->pixel_format && modes[i].w == (int)f->width && modes[i].h == (int)f->height &&
            (int)f->index < modes[i].count) {
            f->type = V4L2_FRMIVAL_TYPE_DISCRETE;
            f->discrete = (struct v4l2_fract){1, modes[i].rates[f->index]};
            return 0;
        }
    return fail(EINVAL);
}

static int tell_device(struct v4l2_capability *c) {
    memset(c, 0, sizeof *c);
    strcpy((char *)c->driver, "fakecam");
    strcpy((char *)c->card, "Fake Camera");
    strcpy((char *)c->bus_info, "platform:fakecam");
    c->version = 0x60100;
    c->device_caps = V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_STREAMING;
    c->capabilities = c->device_caps | V4L2_CAP_DEVICE_CAPS;
    return 0;
}

static int request_buffers(int fd, struct v4l2_requestbuffers *r) {
    if (flag("busy") || (owner && owner != fd)) return fail(EBUSY);
    if (r->count > BUFFERS) r->count = BUFFERS;
    owner = r->count ? fd : 0;
    stop();
    return 0;
}

static int take_picture(int fd, struct v4l2_buffer *b) {
    uint64_t one;
    if (!streaming || owner != fd) return fail(EINVAL);
    if (!filled_count || read(fd, &one, 8) != 8) return fail(EAGAIN);
    int i = filled[0];
    memmove(filled, filled + 1, --filled_count * sizeof(int));
    counts[0]++;
    b->index = i;
    b->length = frame_size();
    b->bytesused = picture_size();
    b->sequence = sequence++;
    b->field = V4L2_FIELD_NONE;
    b->flags = V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC;
    b->timestamp = filled_at[i];
    b->m.offset = i * 4096;
    return 0;
}

static int answer(int fd, unsigned request, void *with) {
    switch (request) {
    case VIDIOC_QUERYCAP: return tell_device(with);
    case VIDIOC_ENUM_FMT: {
        static const unsigned forms[] = {V4L2_PIX_FMT_YUYV, V4L2_PIX_FMT_MJPEG};
        struct v4l2_fmtdesc *f = with;
        if (f->index > 1 || f->type != V4L2_BUF_TYPE_VIDEO_CAPTURE) return fail(EINVAL);
        f->pixelformat = forms[f->index];
        f->flags = f->index ? V4L2_FMT_FLAG_COMPRESSED : 0;
        strcpy((char *)f->description, f->index ? "Motion-JPEG" : "YUYV 4:2:2");
        return 0;
    }
    case VIDIOC_ENUM_FRAMESIZES: return tell_size(with);
    case VIDIOC_ENUM_FRAMEINTERVALS: return tell_rate(with);
    case VIDIOC_G_FMT: tell_format(&((struct v4l2_format *)with)->fmt.pix); return 0;
    case VIDIOC_TRY_FMT:
    case VIDIOC_S_FMT: return set_format(fd, &((struct v4l2_format *)with)->fmt.pix);
    case VIDIOC_S_PARM:
    case VIDIOC_G_PARM: {
        struct v4l2_captureparm *p = &((struct v4l2_streamparm *)with)->parm.capture;
        p->capability = V4L2_CAP_TIMEPERFRAME;
        if (request == (unsigned)VIDIOC_S_PARM) return set_rate(&p->timeperframe);
        p->timeperframe = (struct v4l2_fract){1, rate};
        return 0;
    }
    case VIDIOC_G_INPUT: *(int *)with = 0; return 0;
    case VIDIOC_S_INPUT: return *(int *)with ? fail(EINVAL) : 0;
    case VIDIOC_ENUMINPUT: {
        struct v4l2_input *input = with;
        if (input->index) return fail(EINVAL);
        strcpy((char *)input->name, "Camera");
        input->type = V4L2_INPUT_TYPE_CAMERA;
        return 0;
    }
    case VIDIOC_REQBUFS: return request_buffers(fd, with);
    case VIDIOC_QUERYBUF: {
        struct v4l2_buffer *b = with;
        b->length = frame_size();
        b->m.offset = b->index * 4096;
        return 0;
    }
    case VIDIOC_QBUF:
        if (waiting_count < BUFFERS) waiting[waiting_count++] = ((struct v4l2_buffer *)with)->index;
        return 0;
    case VIDIOC_STREAMON: load_film(); streaming = 1; return 0;
    case VIDIOC_STREAMOFF: stop(); return 0;
    case VIDIOC_DQBUF: return take_picture(fd, with);
    }
    return fail(EINVAL);
}

int ioctl(int fd, unsigned long request, ...) {
    va_list rest;
    va_start(rest, request);
    void *with = va_arg(rest, void *);
    va_end(rest);
    pthread_mutex_lock(&lock);
    struct handle *h = find(fd);
    int result = 0;
    if (h) {
        if (flag("unplugged")) h->dead = 1;
        result = h->dead ? fail(ENODEV) : answer(fd, (unsigned)request, with);
    }
    pthread_mutex_unlock(&lock);
    return h ? result : (int)syscall(SYS_ioctl, fd, request, with);
}
