/* The certificate as a PDF: a worker draws, with nothing but texts of its own. */
#include "certificate_pdf.h"

#include "certificate_words.h"

#include <cairo-pdf.h>
#include <fontconfig/fontconfig.h>
#include <pango/pangocairo.h>

#include "task.h"

enum { WIDTH = 842, HEIGHT = 595, MARGIN = 72 }; /* A4 across, in points */

/* What the worker is given and gives back; nothing of it is shared meanwhile. */
struct drawing {
	const char *kind, *holder, *program, *facts, *footer;
	struct buf pdf;
	bool good;
};

static cairo_status_t take(void *closure, const unsigned char *bytes, unsigned len)
{
	buf_add(closure, bytes, len);
	return CAIRO_STATUS_SUCCESS;
}

/* A centred paragraph with its top at y. */
static void write_line(cairo_t *cairo, const char *text, const char *font, double y)
{
	PangoLayout *layout = pango_cairo_create_layout(cairo);
	PangoFontDescription *description = pango_font_description_from_string(font);

	pango_layout_set_font_description(layout, description);
	pango_layout_set_width(layout, (WIDTH - 2 * MARGIN) * PANGO_SCALE);
	pango_layout_set_alignment(layout, PANGO_ALIGN_CENTER);
	pango_layout_set_text(layout, text, -1);
	cairo_move_to(cairo, MARGIN, y);
	pango_cairo_show_layout(cairo, layout);
	pango_font_description_free(description);
	g_object_unref(layout);
}

static void draw(void *arg)
{
	struct drawing *drawing = arg;
	cairo_surface_t *surface =
		cairo_pdf_surface_create_for_stream(take, &drawing->pdf, WIDTH, HEIGHT);
	cairo_t *cairo = cairo_create(surface);

	cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_TITLE, drawing->program);
	cairo_rectangle(cairo, MARGIN / 2.0, MARGIN / 2.0, WIDTH - MARGIN, HEIGHT - MARGIN);
	cairo_set_line_width(cairo, 1.5);
	cairo_stroke(cairo);
	write_line(cairo, drawing->kind, "Noto Sans, sans-serif 18", 96);
	write_line(cairo, drawing->holder, "Noto Sans, sans-serif bold 34", 160);
	write_line(cairo, drawing->program, "Noto Sans, sans-serif 22", 270);
	write_line(cairo, drawing->facts, "Noto Sans, sans-serif 12", 370);
	write_line(cairo, drawing->footer, "Noto Sans, sans-serif 9", 488);
	cairo_destroy(cairo);
	cairo_surface_finish(surface);
	drawing->good = cairo_surface_status(surface) == CAIRO_STATUS_SUCCESS;
	cairo_surface_destroy(surface);
	/* The worker's own fonts: they would be held until the thread ends, which it never does. */
	pango_cairo_font_map_set_default(NULL);
}

bool certificate_pdf(struct call *call, const SignedCertificate *certificate, CertificateFile *file)
{
	struct arena *arena = call->arena;
	struct drawing drawing = {
		.kind = certificate_title(certificate->locale, certificate->kind),
		.holder = certificate->holder_name,
		.program = certificate->program_title,
		.facts = certificate_numbers(arena, certificate),
		.footer = arena_printf(arena, "%s\n%s\n%s", certificate_date(arena, certificate),
				       certificate->id, certificate->signature),
	};

	task_offload(draw, &drawing);
	if (drawing.good) {
		file->content_type = arena_strdup(arena, "application/pdf");
		file->content.data = arena_copy(arena, drawing.pdf.data, drawing.pdf.len);
		file->content.len = drawing.pdf.len;
	}
	buf_free(&drawing.pdf);
	return drawing.good || fault(call, "the certificate's PDF could not be drawn");
}

void certificate_pdf_end(void)
{
	cairo_debug_reset_static_data();
	FcFini();
}
