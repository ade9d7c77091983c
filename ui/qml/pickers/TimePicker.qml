pragma ComponentBehavior: Bound
import QtQuick
import "../controls"
import "../theme"
import "Dates.js" as Dates

// A time of day: the hour in its part of the day, five minutes at a time, and single minutes for who knows them.
Column {
    id: picker

    property string value: ""
    property bool clearable: true
    readonly property string hour: value.slice(0, 2)
    readonly property string minute: value.slice(3)
    readonly property bool wide: width > Theme.mm(310)
    readonly property int columns: wide ? 12 : 6
    readonly property var parts: wide ? ["am", "pm"] : ["night", "morning", "afternoon", "evening"]
    readonly property int gap: Theme.mm(3)
    readonly property int nameWidth: Math.round(width * (wide ? 0.09 : 0.15))
    readonly property real cellWidth: (width - nameWidth - columns * gap) / columns

    signal edited(string value)

    spacing: Theme.mm(4)

    Item {
        height: Math.max(Theme.target, clock.implicitHeight, untimed.implicitHeight)
        width: parent.width

        Row {
            anchors.left: parent.left
            anchors.verticalCenter: parent.verticalCenter
            spacing: Theme.gap

            StepKey {
                anchors.verticalCenter: parent.verticalCenter
                enabled: picker.value !== ""
                iconName: "minus"
                objectName: "minute:earlier"
                say: Words.text("when.minute_earlier")

                onAct: picker.edited(Dates.plusMinutes(picker.value, -1))
            }
            Label {
                id: clock

                anchors.verticalCenter: parent.verticalCenter
                bold: true
                color: picker.value === "" ? Theme.muted : Theme.text
                horizontalAlignment: Text.AlignHCenter
                size: Theme.mm(13.5)
                text: picker.value === "" ? "– : –" : picker.value
                width: Theme.mm(48)
            }
            StepKey {
                anchors.verticalCenter: parent.verticalCenter
                enabled: picker.value !== ""
                iconName: "plus"
                objectName: "minute:later"
                say: Words.text("when.minute_later")

                onAct: picker.edited(Dates.plusMinutes(picker.value, 1))
            }
        }
        PickTile {
            id: untimed

            anchors.right: parent.right
            anchors.verticalCenter: parent.verticalCenter
            implicitHeight: Math.max(Theme.target, implicitContentHeight + topPadding + bottomPadding)
            objectName: "time:none"
            selected: picker.value === ""
            size: Math.min(Theme.smallText, Theme.mm(11))
            text: Words.text("when.only_day")
            visible: picker.clearable
            width: parent.width - Theme.mm(48) - 2 * Theme.mm(24) - 4 * Theme.gap

            onAct: picker.edited("")
        }
    }
    Column {
        spacing: picker.gap

        Repeater {
            model: picker.parts

            Row {
                id: line

                required property int index
                required property string modelData

                spacing: picker.gap

                Label {
                    anchors.verticalCenter: parent.verticalCenter
                    color: Theme.muted
                    fontSizeMode: Text.HorizontalFit
                    minimumPixelSize: Theme.mm(5)
                    size: Math.min(Theme.captionText, Theme.mm(9))
                    text: Words.text("when." + line.modelData)
                    width: picker.nameWidth
                    wrapMode: Text.NoWrap
                }
                Repeater {
                    model: picker.columns

                    PickCell {
                        required property int index
                        readonly property string hour: Dates.pad(line.index * picker.columns + index)

                        objectName: "hour:" + hour
                        say: Words.text("when." + line.modelData) + " " + hour
                        selected: picker.hour === hour
                        text: hour
                        width: picker.cellWidth

                        onAct: picker.edited(hour + ":" + (picker.minute === "" ? "00" : picker.minute))
                    }
                }
            }
        }
    }
    Column {
        enabled: picker.value !== ""
        spacing: picker.gap

        Repeater {
            model: 12 / picker.columns

            Row {
                id: minutes

                required property int index

                spacing: picker.gap

                Label {
                    anchors.verticalCenter: parent.verticalCenter
                    color: Theme.muted
                    fontSizeMode: Text.HorizontalFit
                    minimumPixelSize: Theme.mm(5)
                    size: Math.min(Theme.captionText, Theme.mm(9))
                    text: minutes.index === 0 ? Words.text("when.minute") : ""
                    width: picker.nameWidth
                    wrapMode: Text.NoWrap
                }
                Repeater {
                    model: picker.columns

                    PickCell {
                        required property int index
                        readonly property string minute: Dates.pad((minutes.index * picker.columns + index) * 5)

                        objectName: "minute:" + minute
                        say: Words.text("when.minute") + " " + minute
                        selected: picker.minute === minute
                        text: ":" + minute
                        width: picker.cellWidth

                        onAct: picker.edited(picker.hour + ":" + minute)
                    }
                }
            }
        }
    }
}
