package io.clb;

/**
 * Something that is set up and has options.
 *
 * @param <B> what is set up; without a bound, as a method reference of the application's to an inherited setter would else name a type that it cannot see
 */
abstract class SettingsBuilder<B> {

    Settings settings;

    SettingsBuilder(Settings settings) {
        this.settings = settings;
    }

    abstract B self();

    final <T extends Comparable<T>> B set(Option<T> option, T value) {
        settings = settings.with(option, value);
        return self();
    }
}
